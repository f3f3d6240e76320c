import { InvalidInput } from '../../kernel/errors.ts';
import type { HeaderPairs } from '../../kernel/headers.ts';

/** The lines of a text field that hold something, without the spaces around them. */
export function lines(text: string | undefined): string[] {
  return (text ?? '')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** Headers written as `Name: value`, one a line, in order. Throws `InvalidInput` for a line without a colon. */
export function headerLines(text: string | undefined, pointer: string): HeaderPairs {
  const written = lines(text);
  const faults = written.flatMap((line, index) =>
    line.indexOf(':') > 0
      ? []
      : [{ pointer: `${pointer}/${index}`, detail: `Line ${index + 1} is not of the form "Name: value".` }],
  );
  if (faults.length > 0) throw new InvalidInput(faults);
  return written.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()] as const;
  });
}
