import { PROBLEM_KINDS, type ProblemKind } from '../problem-kinds.ts';
import { stretches } from './stretches.ts';

/** What is to be said about every problem of a code, to people and as plain text; null for a code that is none. */
export function problemMeaning(code: string) {
  const kind = Object.entries(PROBLEM_KINDS).find(([known]) => known === code)?.[1];
  return kind ? told(code, kind) : null;
}

/** Every type of problem there is, by status. */
export function problemList() {
  return Object.entries(PROBLEM_KINDS)
    .map(([code, { status, title }]) => ({ code, status, title, href: `/problems/${code}` }))
    .toSorted((one, other) => one.status - other.status);
}

function told(code: string, { status, title, meaning }: ProblemKind) {
  const example = { type: `/problems/${code}`, status, title, detail: '…', instance: '/api/v1/…' };
  return {
    title,
    code,
    status,
    meaning: stretches(meaning),
    example: JSON.stringify(example, null, 2),
    plain: `${code} (${status}): ${title}.\n\n${meaning.replaceAll('`', '')}\n`,
  };
}
