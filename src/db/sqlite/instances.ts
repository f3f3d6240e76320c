import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Instances } from '../../kernel/instance.ts';
import { FileLock } from './file-lock.ts';

const TAKE_LIMIT_MS = 5_000;
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const SUFFIX = '.lock';

/**
 * Knows which processes that use a SQLite file are alive: each holds a lock on a small file of its own beside the
 * database, and the lock goes when the process does, however it ends.
 */
export class LockedInstances implements Instances {
  readonly self: string;
  readonly #folder: string;
  readonly #lock: FileLock;

  private constructor(self: string, folder: string, lock: FileLock) {
    this.self = self;
    this.#folder = folder;
    this.#lock = lock;
  }

  /** Takes the lock of this process, and removes the files that dead ones left. */
  static async open(databasePath: string, self: string): Promise<LockedInstances> {
    const folder = instancesFolder(databasePath);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const lock = await FileLock.take(join(folder, self + SUFFIX), TAKE_LIMIT_MS);
    const instances = new LockedInstances(self, folder, lock);
    for (const id of instances.#idsOnDisk()) await instances.isAlive(id);
    return instances;
  }

  async isAlive(instanceId: string): Promise<boolean> {
    if (instanceId === this.self) return true;
    if (!ID.test(instanceId)) return false;
    return !(await FileLock.clearIfFree(join(this.#folder, instanceId + SUFFIX)));
  }

  close(): void {
    this.#lock.drop();
  }

  #idsOnDisk(): string[] {
    return readdirSync(this.#folder)
      .filter((name) => name.endsWith(SUFFIX))
      .map((name) => name.slice(0, -SUFFIX.length));
  }
}

/** Where the lock files of a database's processes stand. */
export function instancesFolder(databasePath: string): string {
  return `${databasePath}-instances`;
}
