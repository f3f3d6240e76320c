import { PROBLEM_KINDS, type ProblemKind } from '../problem-kinds.ts';

/** What is to be said about every problem of a code; null for a code that is none. */
export function problemMeaning(code: string) {
  const kind = Object.entries(PROBLEM_KINDS).find(([known]) => known === code)?.[1];
  return kind ? told(code, kind) : null;
}

function told(code: string, { status, title, meaning }: ProblemKind) {
  return { title, code, status, meaning: meaning.replaceAll('`', '') };
}
