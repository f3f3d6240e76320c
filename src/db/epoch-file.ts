import { closeSync, constants, fstatSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { EpochFile } from '../kernel/epoch-file.ts';
import { syncFolder, synced } from './synced.ts';

/** Two epochs at most are ever written. */
const LONGEST_FILE = 4_096;

/**
 * The epoch file of a database, beside it. Its name does not begin with the database's: whoever copies that one with all
 * that belongs to it must not take this along.
 */
export function epochFileOf(databasePath: string): EpochFile {
  const folder = dirname(databasePath);
  const path = epochPathOf(databasePath);
  return {
    read() {
      try {
        return epochsIn(path);
      } catch (error) {
        if (Error.isError(error) && 'code' in error && error.code === 'ENOENT') return null;
        throw error;
      }
    },
    write(epochs) {
      const temporary = `${path}.${process.pid}`;
      try {
        // Made anew: what somebody else put there, a link even, is not written to.
        rmSync(temporary, { force: true });
        synced(openSync(temporary, 'wx', 0o600), (file) => writeSync(file, `${epochs.join('\n')}\n`));
        renameSync(temporary, path);
      } finally {
        rmSync(temporary, { force: true });
      }
      syncFolder(folder);
    },
  };
}

/** Where the epoch file of a database stands. */
export function epochPathOf(databasePath: string): string {
  return join(dirname(databasePath), `boot_epoch.${basename(databasePath)}`);
}

/** None where it is nothing that we wrote: a start must neither wait for a pipe nor end at a folder. */
function epochsIn(path: string): string[] {
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const found = fstatSync(file);
    if (!found.isFile() || found.size > LONGEST_FILE) return [];
    return readFileSync(file, 'utf8').split('\n').filter(Boolean);
  } finally {
    closeSync(file);
  }
}
