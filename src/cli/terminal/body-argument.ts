import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { WrongUse } from './refusal.ts';
import type { Input } from './world.ts';

/** The bytes that `-d` means: `-` or `@-` is standard input, `@name` a file, anything else the text itself. */
export async function bodyFrom(argument: string, stdin: Input): Promise<Buffer> {
  if (argument === '-' || argument === '@-') return buffer(stdin);
  if (!argument.startsWith('@')) return Buffer.from(argument);
  const file = argument.slice(1);
  try {
    return await readFile(file);
  } catch (error) {
    const code = Error.isError(error) && 'code' in error ? ` (${String(error.code)})` : '';
    throw new WrongUse(`The file ${file} cannot be read${code}.`);
  }
}
