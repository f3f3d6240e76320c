import type { FieldFault } from '../../kernel/errors.ts';

/** A fault as a page: what happened, to what, and what to do next. `errorId` is the id that stands in the log. */
export interface ProblemParts {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly code: string;
  readonly errorId: string | null;
  readonly faults?: readonly FieldFault[];
  readonly next?: readonly { readonly label: string; readonly href: string }[];
}

const HOME = { label: 'Go to the home page', href: '/' };
const HISTORY = { label: 'Go to the history', href: '/exchanges' };

/** What the page of a fault shows. */
export function problemPage({ status, title, detail, code, errorId, faults = [], next }: ProblemParts) {
  const steps = next ?? (code === 'gone' ? [HISTORY, HOME] : [HOME]);
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
    next: steps.map(({ label, href }) => ({ label, href })),
  };
}
