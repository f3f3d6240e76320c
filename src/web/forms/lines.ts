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

/** True where somebody wrote something. */
export function filled(text: string | undefined): text is string {
  return text !== undefined && text.trim() !== '';
}

/** The text, or null where there is nothing but spaces. */
export function orNull(text: string | undefined): string | null {
  return filled(text) ? text : null;
}

/** A secret as it was typed, without the spaces that come with copying; undefined where nothing was. */
export function secretAsTyped(text: string | undefined): string | undefined {
  return filled(text) ? text.trim() : undefined;
}

/** The number that was typed, or the text itself, so that the schema can say what is wrong with it. */
export function numberAsTyped(text: string): number | string {
  return /^\d{1,12}$/.test(text.trim()) ? Number(text) : text;
}
