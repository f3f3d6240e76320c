import { closeSync, fsyncSync, openSync } from 'node:fs';

/** Runs `work` on an open file, waits until what it wrote is on the disk, and closes the file. */
export function synced(file: number, work: (file: number) => unknown = () => undefined): void {
  try {
    work(file);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** A name is only on the disk when its folder is. Windows knows no such thing. */
export function syncFolder(folder: string): void {
  if (process.platform !== 'win32') synced(openSync(folder, 'r'));
}
