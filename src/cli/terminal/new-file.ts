import { existsSync } from 'node:fs';
import { open, rename, unlink } from 'node:fs/promises';
import { WrongUse } from './refusal.ts';

/**
 * Writes a new file, which is there under its name only when it is whole; for its owner only. Throws `WrongUse` where there
 * is one already, or none can be made.
 */
export async function writeNewFile(file: string, pieces: AsyncIterable<string>): Promise<void> {
  const unfinished = nameUnfinished(file);
  const handle = await open(unfinished, 'wx', 0o600).catch((error: unknown) => {
    throw cannotBeMade(file, error);
  });
  try {
    for await (const piece of pieces) await handle.writeFile(piece);
    await handle.sync();
    await handle.close();
    await rename(unfinished, file);
  } catch (error) {
    await handle.close().catch(() => {});
    await unlink(unfinished).catch(() => {});
    throw error;
  }
}

/** The name that a new file has until it is whole. Throws `WrongUse` where one of the two is there already. */
export function nameUnfinished(file: string): string {
  const unfinished = `${file}.part`;
  for (const name of [file, unfinished])
    if (existsSync(name)) throw new WrongUse(`${name} is there already. Name a new file. Nothing was written.`);
  return unfinished;
}

/** What is told where the system, by `cause`, makes no file. */
export function cannotBeMade(file: string, cause: unknown): WrongUse {
  const code = Error.isError(cause) && 'code' in cause ? ` (${String(cause.code)})` : '';
  return new WrongUse(`No file can be made at ${file}${code}. Nothing was written.`);
}
