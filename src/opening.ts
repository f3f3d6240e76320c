import { existsSync, readFileSync } from 'node:fs';
import type { Config } from './config.ts';
import { type Database, openDatabase } from './db/orm.ts';
import { type Inspection, inspectFile } from './db/sqlite/inspection.ts';
import type { RandomBytes } from './kernel/ids.ts';
import { createLogger, type Logger } from './kernel/logger.ts';
import { makeFirstKey } from './secrets/key-file.ts';
import { type KeyRing, loadKeys } from './secrets/keys.ts';
import { maskFacts } from './secrets/log-masking.ts';
import { checkAppKey, noteAppKey } from './services/start-up.ts';

/** What opening takes. */
export interface OpeningParts {
  readonly config: Config;
  readonly logger: Logger;
  readonly random: RandomBytes;
}

/** An open database, migrated, and the keys that open what it holds. */
export interface Opened {
  readonly database: Database;
  readonly keys: KeyRing;
}

/** A database that a command leaves as it is; the sentence says what to do first. */
export class NotOpened extends Error {
  override readonly name = 'NotOpened';
}

/**
 * Opens the database with its keys and migrates it. Nothing is touched in a database that is not ours, of a newer version
 * or not for our key: throws what says so.
 */
export async function openData(parts: OpeningParts): Promise<Opened> {
  return opened(parts, ({ database }) => database.migrate());
}

/**
 * As `openData`, for a command beside a Callbook that may be running: a new database is made, but one that is behind is
 * left as it is. Throws `NotOpened` then.
 */
export async function openForCommand(parts: OpeningParts): Promise<Opened> {
  const { databaseFile } = parts.config;
  const { state, pending } = await inspectOurs(databaseFile);
  if (state === 'ours' && pending.length > 0)
    throw new NotOpened(`${databaseFile} is of an older version. Stop Callbook and run "callbook migrate up".`);
  return opened(parts, async ({ database }) => {
    if (state !== 'ours') await database.migrate();
  });
}

/**
 * Brings the database up to date and names the migrations that were applied. Throws `NotOpened` while another process
 * of ours uses it: that one is of the older version.
 */
export async function migrateData(parts: OpeningParts): Promise<readonly string[]> {
  const { pending, unknown, instances } = await inspectOurs(parts.config.databaseFile);
  if (pending.length === 0 && unknown.length === 0) return [];
  let applied: readonly string[] = [];
  const { database } = await opened(parts, async ({ database }) => {
    const alive = await Promise.all(instances.map(({ id }) => database.instances.isAlive(id)));
    const living = instances.filter((_, index) => alive[index]).map(({ pid, version }) => `${pid} (${version})`);
    if (living.length > 0)
      throw new NotOpened(
        `The database is in use by process ${living.join(', ')}. Stop it first. Nothing was changed.`,
      );
    ({ applied } = await database.migrate());
  });
  await database.close();
  return applied;
}

/** Puts a new key before those in the key file. Throws `UnusableKeys`. */
export function addFirstKey({ config, random }: OpeningParts): void {
  makeFirstKey(config.appKeyFile, random);
}

/** The keys, where there are any: chance that gives nothing makes sure that none are made. */
export function keysAsTheyAre({ appKeys, appKeyFile }: Config): KeyRing | null {
  if (appKeys === null && !existsSync(appKeyFile)) return null;
  const random = () => {
    throw new Error('The key file was there and is gone.');
  };
  return loadKeys({ appKey: appKeys?.join(',') ?? null, file: appKeyFile, random });
}

/** A log for a command: what may be worth a person's time, unless more was asked for. */
export function commandLogger({ logLevel, logFormat }: Config, write: (line: string) => void): Logger {
  const level = logLevel === 'info' ? 'warn' : logLevel;
  return createLogger({ level, format: logFormat, maskFacts, destination: { write } });
}

/** The version of this checkout. */
export function versionOf(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return version;
}

async function opened({ config, logger, random }: OpeningParts, migrate: (opened: Opened) => Promise<unknown>) {
  const keys = loadKeys({ appKey: config.appKeys?.join(',') ?? null, file: config.appKeyFile, random });
  const database = await openDatabase({
    url: `sqlite:${config.databaseFile}`,
    durability: config.durability,
    ...(!config.isProduction && { logger }),
  });
  try {
    await checkAppKey(keys);
    await migrate({ database, keys });
    await noteAppKey(keys);
    return { database, keys };
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Looks at the database's file and changes nothing. Throws `NotOpened` where it is not ours. */
export async function inspectOurs(path: string): Promise<Inspection> {
  const inspection = await inspectFile(path);
  if (inspection.state === 'foreign')
    throw new NotOpened(`${path} is not a database of Callbook. Nothing was changed.`);
  if (inspection.state === 'unreadable')
    throw new NotOpened(`${path} cannot be read as a database (${inspection.code}).`);
  return inspection;
}
