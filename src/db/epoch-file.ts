import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { EpochFile } from '../kernel/epoch-file.ts';

/**
 * The epoch file of a database, beside it. Its name does not begin with the database's: whoever copies that one with all
 * that belongs to it must not take this along.
 */
export function epochFileOf(databasePath: string): EpochFile {
  const folder = dirname(databasePath);
  const path = join(folder, `boot_epoch.${basename(databasePath)}`);
  return {
    read() {
      try {
        return readFileSync(path, 'utf8').split('\n').filter(Boolean);
      } catch (error) {
        if (Error.isError(error) && 'code' in error && error.code === 'ENOENT') return null;
        throw error;
      }
    },
    write(epochs) {
      const temporary = `${path}.${process.pid}`;
      try {
        synced(openSync(temporary, 'w', 0o600), (file) => writeSync(file, `${epochs.join('\n')}\n`));
        renameSync(temporary, path);
      } finally {
        rmSync(temporary, { force: true });
      }
      // The name is only on the disk when its folder is.
      if (process.platform !== 'win32') synced(openSync(folder, 'r'), () => undefined);
    },
  };
}

function synced(file: number, work: (file: number) => unknown): void {
  try {
    work(file);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
