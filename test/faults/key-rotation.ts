import { spawn } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { SEALED_COLUMNS } from '../../src/db/queries/sealed-values.ts';
import { openDatabase } from '../../src/db/orm.ts';
import { session } from '../../src/db/session.ts';
import { withSystem } from '../../src/db/system.ts';
import { systemRandom } from '../../src/kernel/ids.ts';
import { Instance } from '../../src/model/instance.ts';
import { Connection } from '../../src/model/connection.ts';
import { Grant } from '../../src/model/grant.ts';
import { keyRing } from '../../src/secrets/keys.ts';
import { openVault } from '../../src/secrets/vault.ts';
import { checkAppKey, noteAppKey } from '../../src/services/start-up.ts';
import { connectionFields, grantFields } from '../db/rows.ts';

/** What the key was changed under, and what came of it. */
export interface RotationEnd {
  readonly values: number;
  readonly kills: number;
  /** Runs that were killed before they had sealed everything anew. */
  readonly cutOff: number;
  /** Values a neighbour wrote meanwhile. */
  readonly written: number;
  readonly unreadable: number;
  /** Whether Callbook starts with the new key alone. */
  readonly oldKeyRemovable: boolean;
  readonly seconds: number;
}

const PROGRAM = join(import.meta.dirname, '../../src/callbook.js');
const COLUMNS = SEALED_COLUMNS.filter(({ table }) => table === 'connection' || table === 'grant');
const [OLD, NEW] = [randomBytes(32), randomBytes(32)];

/**
 * Changes the key of a database with `values` sealed values (four a connection) while a neighbour goes on writing, and
 * kills the command `kills` times with SIGKILL, each time at a random moment.
 */
export async function rotateUnderKills(values: number, kills: number): Promise<RotationEnd> {
  const folder = await mkdtemp(join(tmpdir(), 'callbook-rotation-'));
  const file = join(folder, 'callbook.db');
  const database = await openDatabase({ url: `sqlite:${file}`, durability: 'normal' });
  await database.migrate();
  const rows = await filled(Math.ceil(values / COLUMNS.length));
  await withSystem(() => noteAppKey(keyRing([OLD])));
  const { self } = database.instances;
  const neighbour = { id: self, version: '0', pid: process.pid, startedAt: new Date(), heartbeatAt: new Date() };
  await withSystem(() => session.insert(Instance, { ...neighbour, keyId: keyRing([NEW]).primary.kid }));

  const startedAt = performance.now();
  const writing = new Writer(file, rows);
  let cutOff = 0;
  for (let kill = 0; kill < kills; kill += 1) {
    if (await killedIn(folder, file)) cutOff += 1;
  }
  const last = await commandIn(folder, file).ended;
  const written = await writing.stop();
  const seconds = (performance.now() - startedAt) / 1000;
  if (last !== 0) throw new Error(`The last run ended with ${last}.`);

  const oldKeyRemovable = await checkAppKey(keyRing([NEW])).then(
    () => true,
    () => false,
  );
  const unreadable = unreadableIn(file, written);
  await database.close();
  await rm(folder, { recursive: true, force: true });
  const count = rows.length * COLUMNS.length;
  return { values: count, kills, cutOff, written: written.size, unreadable, oldKeyRemovable, seconds };
}

interface SealedRow {
  readonly connection: string;
  readonly grant: string;
}

async function filled(count: number): Promise<SealedRow[]> {
  const vault = openVault(keyRing([OLD]), systemRandom);
  const rows: SealedRow[] = [];
  for (let first = 0; first < count; first += 1_000) {
    const batch = Array.from({ length: Math.min(1_000, count - first) }, (_, index) => {
      const connection = connectionFields({ slug: `partner-${first + index}` });
      const grant = grantFields(connection.id);
      const seal = (table: string, column: string, row: string) =>
        vault.seal(secretOf(row, column), { table, column, row });
      rows.push({ connection: connection.id, grant: grant.id });
      return {
        connection: { ...connection, sealedSecrets: seal('connection', 'sealed_secrets', connection.id) },
        grant: {
          ...grant,
          sealedAccessToken: seal('grant', 'sealed_access_token', grant.id),
          sealedRefreshToken: seal('grant', 'sealed_refresh_token', grant.id),
          sealedPreviousRefreshToken: seal('grant', 'sealed_previous_refresh_token', grant.id),
        },
      };
    });
    await withSystem(() =>
      session.transactional(async () => {
        await session.insertMany(
          Connection,
          batch.map(({ connection }) => connection),
        );
        await session.insertMany(
          Grant,
          batch.map(({ grant }) => grant),
        );
      }),
    );
  }
  return rows;
}

function secretOf(row: string, column: string): string {
  return `${column} of ${row}`;
}

/** A neighbour that has both keys and renews one grant after the other. */
class Writer {
  readonly #written = new Map<string, string>();
  readonly #ended: Promise<void>;
  #stops = false;

  constructor(file: string, rows: readonly SealedRow[]) {
    this.#ended = this.#write(file, rows);
  }

  async stop(): Promise<ReadonlyMap<string, string>> {
    this.#stops = true;
    await this.#ended;
    return this.#written;
  }

  async #write(file: string, rows: readonly SealedRow[]): Promise<void> {
    const vault = openVault(keyRing([NEW, OLD]), systemRandom);
    const database = new Database(file, { timeout: 5_000 });
    const store = database.prepare('update "grant" set sealed_access_token = ? where id = ?');
    while (!this.#stops) {
      const { grant } = rows[randomInt(rows.length)] as SealedRow;
      const token = `renewed ${this.#written.size}`;
      store.run(vault.seal(token, { table: 'grant', column: 'sealed_access_token', row: grant }), grant);
      this.#written.set(grant, token);
      await delay(2);
    }
    database.close();
  }
}

/** True when the command was killed before it was done. */
async function killedIn(folder: string, file: string): Promise<boolean> {
  const { child, ended } = commandIn(folder, file);
  const wait = new AbortController();
  const code = await Promise.race([ended, delay(randomInt(700, 1_500), 'late' as const, { signal: wait.signal })]);
  wait.abort();
  if (code !== 'late') return false;
  child.kill('SIGKILL');
  await ended;
  return true;
}

function commandIn(folder: string, file: string) {
  const keys = [NEW, OLD].map((key) => key.toString('base64')).join(',');
  const child = spawn(process.execPath, [PROGRAM, 'rotate-key'], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', DATABASE_URL: `sqlite:${file}`, APP_KEY: keys, PRACTICE: 'off' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return { child, ended: once(child, 'exit').then(([code]) => code as number | null) };
}

/** Values that do not open with the new key alone, or not to what they hold. */
function unreadableIn(file: string, written: ReadonlyMap<string, string>): number {
  const vault = openVault(keyRing([NEW]), systemRandom);
  const database = new Database(file, { readonly: true });
  let unreadable = 0;
  for (const { table, column } of COLUMNS) {
    const rows = database.prepare(`select id, ${column} as sealed from "${table}"`).all() as {
      id: string;
      sealed: string;
    }[];
    for (const { id, sealed } of rows) {
      const wanted = (column === 'sealed_access_token' && written.get(id)) || secretOf(id, column);
      if (!opensTo(wanted, () => vault.open(sealed, { table, column, row: id }))) unreadable += 1;
    }
  }
  database.close();
  return unreadable;
}

function opensTo(wanted: string, open: () => string): boolean {
  try {
    return open() === wanted;
  } catch {
    return false;
  }
}

if (process.argv[1] === import.meta.filename) {
  const end = await rotateUnderKills(100_000, 20);
  process.stdout.write(`${JSON.stringify(end, null, 2)}\n`);
  process.exit(end.unreadable === 0 && end.oldKeyRemovable ? 0 : 1);
}
