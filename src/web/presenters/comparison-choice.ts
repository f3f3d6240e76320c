import type { FieldFault } from '../../kernel/errors.ts';

const LABELS = ['One exchange', 'The other'];

/** The form that takes two exchanges to compare, with what was typed and what is wrong with it. */
export function comparisonChoice(typed: readonly string[], faults: readonly FieldFault[]) {
  const faultAt = (pointer: string) => faults.find((fault) => fault.pointer === pointer)?.detail ?? null;
  return {
    title: 'Compare two exchanges',
    refusal: faultAt('/exchange'),
    fields: LABELS.map((label, at) => ({
      id: `exchange-${at + 1}`,
      label,
      value: typed[at] ?? '',
      error: faultAt(`/exchange/${at}`),
    })),
  };
}
