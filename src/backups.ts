import { renameSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { cannotBeMade, nameUnfinished } from './cli/terminal/new-file.ts';
import { WrongUse } from './cli/terminal/refusal.ts';
import type { Config } from './config.ts';
import { DatabaseInUse, DatabaseTooNew, NoNewFile } from './db/errors.ts';
import { copyDatabase, type CopyProgress } from './db/sqlite/copy.ts';
import { examineFile, inspectFile } from './db/sqlite/inspection.ts';
import { restoreDatabase } from './db/sqlite/restore.ts';
import { syncFolder } from './db/synced.ts';
import type { Clock } from './kernel/clock.ts';
import { inspectOurs, keysAsTheyAre, NotOpened } from './opening.ts';
import { whichKeysMatch } from './secrets/key-check.ts';

type Tell = (progress: CopyProgress) => void;

/**
 * Copies the database to a new file while Callbook runs; the file is there only when it is whole. The key is not in it.
 * Throws `WrongUse`, `NotOpened`, `DatabaseBusy` and `DatabaseUnusable`.
 */
export async function backUp({ databaseFile }: Config, file: string, tell: Tell): Promise<void> {
  const { state } = await inspectOurs(databaseFile);
  if (state !== 'ours') throw new NotOpened(`There is no database at ${databaseFile} yet. Nothing was written.`);
  const unfinished = nameUnfinished(file);
  await copyDatabase(databaseFile, unfinished, tell).catch((error: unknown) => {
    throw error instanceof NoNewFile ? cannotBeMade(file, error.cause) : error;
  });
  renameSync(unfinished, file);
  syncFolder(dirname(resolve(file)));
}

/**
 * Puts a backup in the place of the database and gives the name under which the old one is kept; null where there was
 * none. Refused, with nothing changed, for a file that is not ours, of a newer version, damaged or sealed with a key
 * that is not here, and while a process of ours lives. Throws `WrongUse`, `NotOpened`, `DatabaseBusy`,
 * `DatabaseUnusable`, `WrongAppKey` and `UnusableKeys`.
 */
export async function restore(config: Config, file: string, clock: Clock, tell: Tell): Promise<string | null> {
  const { databaseFile } = config;
  await refuseUnlessUsable(config, file);
  const aside = `${databaseFile}.before-${clock.now().toISOString().replaceAll(/[:.]/g, '-')}`;
  try {
    const { hadOne } = await restoreDatabase({ backup: file, path: databaseFile, aside }, tell);
    return hadOne ? aside : null;
  } catch (error) {
    throw error instanceof DatabaseInUse ? await inUse(error, databaseFile) : error;
  }
}

async function refuseUnlessUsable(config: Config, file: string): Promise<void> {
  const { state, unknown } = await inspectOurs(file);
  if (state === 'missing') throw new WrongUse(`There is no file at ${file}. Nothing was changed.`);
  if (state === 'empty') throw new NotOpened(`${file} holds no database of Callbook. Nothing was changed.`);
  if (unknown.length > 0) throw new DatabaseTooNew(file, unknown);
  const { check, keyChecks } = await examineFile(file);
  if (check !== 'ok') throw new NotOpened(`${file} is damaged: ${check}. Nothing was changed.`);
  const keys = keysAsTheyAre(config);
  if (keys) whichKeysMatch(keys, keyChecks);
  else if (keyChecks.length > 0)
    throw new NotOpened(
      `${file} holds secrets sealed with key ${keyChecks.map(({ kid }) => kid).join(', ')}. Put that key at ${config.appKeyFile} first, or give it in APP_KEY. Nothing was changed.`,
    );
}

/** The same with the process numbers, where the database tells them. */
async function inUse({ instances }: DatabaseInUse, databaseFile: string): Promise<NotOpened> {
  const entered = (await inspectFile(databaseFile)).instances.filter(({ id }) => instances.includes(id));
  const names = entered.map(({ pid, version }) => `${pid} (${version})`).join(', ') || 'that has just begun';
  return new NotOpened(`The database is in use by process ${names}. Stop it first. Nothing was changed.`);
}
