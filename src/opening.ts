import { readFileSync } from 'node:fs';
import type { Config } from './config.ts';
import { type Database, openDatabase } from './db/orm.ts';
import type { RandomBytes } from './kernel/ids.ts';
import type { Logger } from './kernel/logger.ts';
import { type KeyRing, loadKeys } from './secrets/keys.ts';
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

/**
 * Opens the database with its keys and migrates it. Nothing is touched in a database that is not ours, of a newer version
 * or not for our key: throws what says so.
 */
export async function openData({ config, logger, random }: OpeningParts): Promise<Opened> {
  const keys = loadKeys({ appKey: config.appKeys?.join(',') ?? null, file: config.appKeyFile, random });
  const database = await openDatabase({
    url: `sqlite:${config.databaseFile}`,
    durability: config.durability,
    ...(!config.isProduction && { logger }),
  });
  try {
    await checkAppKey(keys);
    await database.migrate();
    await noteAppKey(keys);
    return { database, keys };
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** The version of this checkout. */
export function versionOf(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return version;
}
