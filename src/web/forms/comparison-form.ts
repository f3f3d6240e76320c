import { type FieldFault, InvalidInput } from '../../kernel/errors.ts';

const ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;

/**
 * The ids of the two exchanges to compare, each told by its id or a link to it. Throws `InvalidInput`, at `/exchange/0` and
 * `/exchange/1` or, where it is about neither, at `/exchange`.
 */
export function readComparison(typed: readonly string[]): readonly [string, string] {
  if (typed.length > 2) throw new InvalidInput([{ pointer: '/exchange', detail: 'A comparison is of two exchanges.' }]);
  const [first, second] = [idIn(typed[0]), idIn(typed[1])];
  const faults = [...faultsOf(0, typed[0], first), ...faultsOf(1, typed[1], second)];
  if (first !== null && first === second)
    faults.push({ pointer: '/exchange/1', detail: 'This is the same exchange once more.' });
  if (first === null || second === null || faults.length > 0) throw new InvalidInput(faults);
  return [first, second];
}

/** Null where there is none, or more than one. */
function idIn(text = ''): string | null {
  const [id, other] = new Set([...text.matchAll(ID)].map(([found]) => found.toLowerCase()));
  return other === undefined ? (id ?? null) : null;
}

function faultsOf(at: number, text: string | undefined, id: string | null): FieldFault[] {
  if (id !== null) return [];
  const detail = text?.trim()
    ? 'This is neither a link to one exchange nor its id.'
    : 'Give a link to an exchange, or its id.';
  return [{ pointer: `/exchange/${at}`, detail }];
}
