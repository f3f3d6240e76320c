import { REDACTED } from '../../../kernel/masker.ts';
import type { CopiedRequest } from './copied-request.ts';

const UNTOUCHED = /^[A-Za-z0-9_\-./:=,@%+]+$/;
const WRAPPED = 76;

/** One word of a POSIX shell, whatever the text holds: in single quotes nothing means anything. No NUL. */
export function quoted(text: string): string {
  return UNTOUCHED.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A header's masked value as a variable that has to be set: the shell stops where it is not. */
export function quotedHeader(name: string, separator: string, value: string): string {
  if (!value.includes(REDACTED)) return quoted(name + separator + value);
  const parts = (name + separator + value).split(REDACTED);
  return parts.map((part) => (part === '' ? '' : quoted(part))).join(`"\${${variableOf(name)}:?is not set}"`);
}

/** What the variable of a masked header is called: `AUTHORIZATION`, `X_API_KEY`. */
export function variableOf(name: string): string {
  return name
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]/g, '_')
    .replace(/^(?=\d)/, '_');
}

/** Notes as comment lines. */
export function comments({ notes }: CopiedRequest, mark: string): string {
  return notes.map((note) => `${mark} ${note.replaceAll(/\s+/g, ' ')}\n`).join('');
}

/** A command over several lines, fed by the bytes in base64 where it takes a body that is no text. */
export function command(words: readonly string[], input: Uint8Array | null): string {
  const lines = words.join(' \\\n  ');
  if (!input) return `${lines}\n`;
  const coded = Buffer.from(input)
    .toString('base64')
    .replaceAll(new RegExp(`.{${WRAPPED}}`, 'g'), '$&\n');
  return `base64 -d <<'END' | ${lines}\n${coded.trimEnd()}\nEND\n`;
}
