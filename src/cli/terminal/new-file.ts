import { existsSync } from 'node:fs';
import { open, rename, unlink } from 'node:fs/promises';
import { WrongUse } from './refusal.ts';

/**
 * Writes a new file, which is there under its name only when it is whole; for its owner only. Throws `WrongUse` where there
 * is one already, or none can be made.
 */
export async function writeNewFile(file: string, pieces: AsyncIterable<string>): Promise<void> {
  const unfinished = `${file}.part`;
  for (const name of [file, unfinished])
    if (existsSync(name)) throw new WrongUse(`${name} is there already. Name a new file. Nothing was written.`);
  const handle = await open(unfinished, 'wx', 0o600).catch((error: unknown) => {
    const code = Error.isError(error) && 'code' in error ? ` (${String(error.code)})` : '';
    throw new WrongUse(`No file can be made at ${file}${code}. Nothing was written.`);
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
