import type { FieldFault } from '../../kernel/errors.ts';
import type { HeaderPairs } from '../../kernel/headers.ts';

/** The lines of a text field that hold something, without the spaces around them. */
export function lines(text: string | undefined): string[] {
  return (text ?? '')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** Headers written as `Name: value`, one a line, in order, and a fault for each line without a name and a colon. */
export function readHeaderLines(
  text: string | undefined,
  pointer: string,
): { readonly pairs: HeaderPairs; readonly faults: readonly FieldFault[] } {
  const pairs: [string, string][] = [];
  const faults: FieldFault[] = [];
  for (const [index, line] of lines(text).entries()) {
    const colon = line.indexOf(':');
    if (colon > 0) pairs.push([line.slice(0, colon).trim(), line.slice(colon + 1).trim()]);
    else faults.push({ pointer: `${pointer}/${index}`, detail: `Line ${index + 1} is not of the form "Name: value".` });
  }
  return { pairs, faults };
}
