import {
  closeSync,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { RandomBytes } from '../kernel/ids.ts';
import { UnusableKeys } from './unusable-keys.ts';

const MOST_BYTES = 4096;
/** A master key, in bytes. */
export const KEY_BYTES = 32;

/**
 * The text of the key file; made with mode 0600 where there is none. Of several processes that start together one
 * makes it and all read that one. Throws `UnusableKeys` where others may read the file or it cannot be had.
 */
export function readOrMakeKeyFile(file: string, makeKey: () => string, random: RandomBytes): string {
  const found = read(file);
  if (found !== null) return found;

  make(file, makeKey(), `${file}.${process.pid}-${random(8).toString('hex')}`);
  const made = read(file);
  if (made === null) throw new UnusableKeys(`The key file ${file} was there and is gone. Start again.`);
  return made;
}

/**
 * Puts a new key before those in the file, which is replaced whole, or makes the file. The old ones stay and open what
 * they sealed. Throws `UnusableKeys`.
 */
export function makeFirstKey(file: string, random: RandomBytes): void {
  const temporary = `${file}.${process.pid}-${random(8).toString('hex')}`;
  const keys = [random(KEY_BYTES).toString('base64'), read(file)].filter(Boolean);
  try {
    writeDurably(temporary, `${keys.join(',')}\n`);
    renameSync(temporary, file);
    syncFolder(dirname(file));
  } catch (cause) {
    throw new UnusableKeys(`The key file ${file} cannot be replaced. It is as it was.`, { cause });
  } finally {
    rmSync(temporary, { force: true });
  }
}

function read(file: string): string | null {
  let handle: number;
  try {
    handle = openSync(file, 'r');
  } catch (cause) {
    if (isCode(cause, 'ENOENT')) return null;
    throw new UnusableKeys(`The key file ${file} cannot be read.`, { cause });
  }
  try {
    const { mode, size } = fstatSync(handle);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new UnusableKeys(`The key file ${file} is open to others. Run: chmod 600 ${file}`);
    }
    if (size > MOST_BYTES) throw new UnusableKeys(`The key file ${file} is too long to hold keys.`);
    return readFileSync(handle, 'utf8').trim();
  } finally {
    closeSync(handle);
  }
}

/** Written whole under another name and then linked: nobody ever reads half a key, and the first link wins. */
function make(file: string, text: string, temporary: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeDurably(temporary, `${text}\n`);
    linkSync(temporary, file);
    syncFolder(dirname(file));
  } catch (cause) {
    if (!isCode(cause, 'EEXIST')) throw new UnusableKeys(`The key file ${file} cannot be made.`, { cause });
  } finally {
    rmSync(temporary, { force: true });
  }
}

function writeDurably(file: string, text: string): void {
  const handle = openSync(file, 'wx', 0o600);
  try {
    writeSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function isCode(error: unknown, code: string): boolean {
  return Error.isError(error) && 'code' in error && error.code === code;
}
