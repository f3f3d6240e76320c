import type { FieldFault } from '../../kernel/errors.ts';

/** A fault as a page: what happened, to what, and what to do next. `errorId` is the id that stands in the log. */
export interface ProblemParts {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly code: string;
  readonly errorId: string | null;
  readonly faults?: readonly FieldFault[];
  /** Where the history is that it happened in, with its filters; null where it happened elsewhere. */
  readonly historyHref?: string | null;
}

const HOME = { label: 'Go to the home page', href: '/' };

/** What the page of a fault shows. */
export function problemPage({ status, title, detail, code, errorId, faults = [], historyHref }: ProblemParts) {
  const href = historyHref ?? (code === 'gone' ? '/exchanges' : null);
  return {
    title,
    status,
    /** Null where it would say the title once more. */
    detail: detail.replace(/\.$/, '') === title ? null : detail,
    code,
    errorId,
    /** The field by its name: a JSON pointer is for programs. */
    faults: faults.map(({ pointer, detail: fault }) => ({
      field: pointer.slice(1).replaceAll('/', '.'),
      detail: fault,
    })),
    next: href === null ? [HOME] : [{ label: 'Go to the history', href }, HOME],
  };
}
