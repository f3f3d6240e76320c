import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Config } from '../../config.ts';
import type { Inspecting } from '../../inspection.ts';
import { sentenceOf } from '../terminal/refusal.ts';
import { sizeOf } from '../terminal/measures.ts';
import { fault, fine, type Finding, warning } from './finding.ts';

type Inspected = Awaited<ReturnType<Inspecting['inspectFile']>>;
/** What a sound database was found to hold. */
export type Examined = Awaited<ReturnType<Inspecting['examineFile']>>;

const MiB = 2 ** 20;
const FEW_BYTES = 1024 * MiB;
const TOO_FEW_BYTES = 100 * MiB;
/** Far beyond where SQLite folds its WAL back in by itself. */
const LARGE_WAL_BYTES = 256 * MiB;

/** The key, and whether it opens what the database holds. */
export function checkKey({ appKeys, appKeyFile }: Config, inspecting: Inspecting, examined: Examined | null): Finding {
  const place = appKeys ? 'APP_KEY' : appKeyFile;
  const stored = examined?.keyChecks ?? [];
  try {
    const kid = inspecting.checkKeys(stored);
    if (kid !== null) {
      const opens = stored.length > 0 ? ' and opens what the database holds' : '';
      return fine('key', `${place} seals with key ${kid}${opens}.`);
    }
    if (stored.length === 0) return fine('key', `The first start makes ${place}.`);
    return fault(
      'key',
      `${place} is gone, and the database holds secrets sealed with key ${stored.map(({ kid }) => kid).join(', ')}.`,
      'Put the file back, or set APP_KEY to the key it held.',
    );
  } catch (error) {
    return fault('key', sentenceOf(error), `Give the key that belongs to this database, in ${place}.`);
  }
}

/** The file: whether it opens, whose it is, its version, and how sound it is. */
export async function checkDatabase(file: string, found: Inspected, examined: Examined | null): Promise<Finding> {
  const unusable = await unusableFile(file, found);
  if (unusable) return unusable;
  if (!examined) return fine('database', `There is none at ${file} yet; the first start makes it.`);
  const { check, journalMode } = examined;
  if (check !== 'ok')
    return fault('database', `${file} is damaged: ${check}.`, 'Stop Callbook, keep the file, and restore a backup.');
  const walBytes = await bytesOf(`${file}-wal`);
  const sizes = `${sizeOf(await bytesOf(file))}, WAL ${sizeOf(walBytes)}`;
  if (found.pending.length > 0)
    return warning(
      'database',
      `${file} is sound (${sizes}) and behind by ${found.pending.join(', ')}.`,
      'Stop Callbook and run "callbook migrate up", or just start it.',
    );
  if (journalMode !== 'wal')
    return warning('database', `${file} is sound; its journal mode is ${journalMode}.`, 'Starting Callbook sets WAL.');
  if (walBytes > LARGE_WAL_BYTES)
    return warning('database', `${file} is sound; its WAL has grown large (${sizes}).`, 'Restart Callbook.');
  return fine('database', `${file} is sound and up to date (${sizes}).`);
}

/** Room for the database to grow. */
export async function checkDisk(file: string): Promise<Finding> {
  const folder = await nearestFolder(file);
  const { bavail, bsize } = await statfs(folder);
  return freeFinding(bavail * bsize, folder);
}

/** What so many free bytes mean. */
export function freeFinding(free: number, folder: string): Finding {
  const detail = `${sizeOf(free)} are free at ${folder}.`;
  const mend = 'Make room, or move the database with DATABASE_URL.';
  if (free < TOO_FEW_BYTES) return fault('disk', detail, mend);
  return free < FEW_BYTES ? warning('disk', detail, mend) : fine('disk', detail);
}

/** What calls may reach. */
export function checkEgress({ egress, isProduction }: Config): Finding {
  const inside = egress.filter((entry) => entry === 'loopback' || entry === 'private');
  const besides = egress.filter((entry) => entry !== 'public');
  const opened = besides.length > 0 ? ` and ${besides.join(', ')}` : '';
  const detail = `Calls may reach the public internet${opened} (EGRESS).`;
  if (!isProduction || inside.length === 0) return fine('egress', detail);
  return warning(
    'egress',
    `${detail} In production that lets callers reach this machine.`,
    'Set EGRESS=public, and name what is needed besides as host:port.',
  );
}

async function unusableFile(file: string, { state, code, unknown }: Inspected): Promise<Finding | null> {
  const folder = await nearestFolder(file);
  const isWritable = await access(state === 'missing' ? folder : file, constants.W_OK).then(
    () => true,
    () => false,
  );
  if (state === 'foreign')
    return fault('database', `${file} is not a database of Callbook.`, 'Point DATABASE_URL to another file.');
  if (state === 'unreadable')
    return fault('database', `${file} cannot be read (${code}).`, 'Let this user read the file, or restore a backup.');
  if (unknown.length > 0)
    return fault(
      'database',
      `${file} was made by a newer version (it knows ${unknown.join(', ')}).`,
      'Start that version, or restore a backup made before it.',
    );
  return isWritable ? null : fault('database', `${file} cannot be written.`, `Let this user write in ${folder}.`);
}

async function nearestFolder(file: string): Promise<string> {
  for (let folder = dirname(resolve(file)); ; folder = dirname(folder)) {
    const isThere = await stat(folder).then(
      (found) => found.isDirectory(),
      () => false,
    );
    if (isThere || folder === dirname(folder)) return folder;
  }
}

async function bytesOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}
