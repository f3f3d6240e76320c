import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Instances } from '../../kernel/instance.ts';
import { DatabaseInUse, DatabaseUnusable } from '../errors.ts';
import { FileLock } from './file-lock.ts';

const TAKE_LIMIT_MS = 5_000;
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const SUFFIX = '.lock';
/** Held by whoever must be alone with the database. */
const ALONE = 'alone';

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

  /**
   * Takes the lock of this process, and removes the files that dead ones left. Throws `DatabaseUnusable` while somebody
   * has the database to itself.
   */
  static async open(databasePath: string, self: string): Promise<LockedInstances> {
    const folder = instancesFolder(databasePath);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const lock = await FileLock.take(join(folder, self + SUFFIX), TAKE_LIMIT_MS);
    // Ours first and then a look: the other one takes its own first and then looks for ours.
    if (!(await FileLock.clearIfFree(join(folder, ALONE)))) {
      lock.drop();
      throw new DatabaseUnusable('The database is being restored. Start again when that is done.');
    }
    const instances = new LockedInstances(self, folder, lock);
    await othersIn(folder, self);
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
}

/**
 * Runs `work` while no process uses the database and none can begin to. Throws `DatabaseInUse` where some do, and
 * `DatabaseBusy` while another has the database to itself.
 */
export async function whileAlone<T>(databasePath: string, work: () => Promise<T>): Promise<T> {
  const folder = instancesFolder(databasePath);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lock = await FileLock.take(join(folder, ALONE), TAKE_LIMIT_MS);
  try {
    const living = await othersIn(folder);
    if (living.length > 0) throw new DatabaseInUse(living);
    return await work();
  } finally {
    lock.drop();
  }
}

/** Where the lock files of a database's processes stand. */
export function instancesFolder(databasePath: string): string {
  return `${databasePath}-instances`;
}

/** The ids of the processes that live; the files of dead ones are removed. Our own lock must not be looked at. */
async function othersIn(folder: string, self?: string): Promise<string[]> {
  const living: string[] = [];
  for (const name of readdirSync(folder)) {
    if (!name.endsWith(SUFFIX) || name === self + SUFFIX) continue;
    if (!(await FileLock.clearIfFree(join(folder, name)))) living.push(name.slice(0, -SUFFIX.length));
  }
  return living;
}
