import { PROBLEM_KINDS } from '../problem-kinds.ts';

/** A stretch of a text, set as code or not; `href` where a code has a page of its own. */
export interface Stretch {
  readonly text: string;
  readonly isCode: boolean;
  readonly href: string | null;
}

/** A text in which code stands between back ticks, as stretches; stars for emphasis are left out. */
export function stretches(text: string): Stretch[] {
  return text
    .split('`')
    .map((stretch, index) => ({ text: stretch.replaceAll('*', ''), isCode: index % 2 === 1, href: null }))
    .filter((stretch) => stretch.text !== '');
}

/** The same, with the codes of problems leading to what they mean. */
export function stretchesWithProblems(text: string): Stretch[] {
  return stretches(text).map((one) =>
    one.isCode && Object.hasOwn(PROBLEM_KINDS, one.text) ? { ...one, href: `/problems/${one.text}` } : one,
  );
}

/** Paragraphs of such a text, which empty lines part. */
export function paragraphs(text = ''): Stretch[][] {
  return text.split('\n\n').filter(Boolean).map(stretches);
}
