import { pathToFileURL } from 'node:url';
import Database from 'better-sqlite3';
import { v7 } from 'uuid';
import type { HeaderPairs } from '../../src/kernel/headers.ts';
import { SEARCH_COLUMNS, searchDocument, type SearchedSide } from '../../src/kernel/search-document.ts';
import { type PackedChunk, packChunk } from '../../src/services/exchanges/packed-chunk.ts';
import { type MadeUp, madeUp, sha256Of } from './made-up.ts';

type Row = Record<string, unknown>;

/** How many exchanges, and the time they are spread over, in milliseconds since 1970. */
export interface Filling {
  readonly exchanges: number;
  readonly from: number;
  readonly until: number;
}

const AT_ONCE = 5_000;
/** More than that come in at once: the index is in as few segments as in a server's file. */
const MERGED_PAGES = 5_000;

/**
 * Puts made-up exchanges on record, each after the likeness of the newest real one that has both bodies: columns that are
 * not made up are that one's. The app may run meanwhile. `tell` gets the number that are written.
 */
export async function fill(
  databaseFile: string,
  { exchanges, from, until }: Filling,
  tell: (done: number) => void,
): Promise<void> {
  const database = new Database(databaseFile, { timeout: 30_000 });
  database.pragma('synchronous = OFF');
  try {
    const writer = writerOf(database);
    const merge = database.prepare(`insert into search_text (search_text, rank) values ('merge', cast(? as integer))`);
    for (let at = 0; at < exchanges; at += AT_ONCE) {
      const end = Math.min(at + AT_ONCE, exchanges);
      const calls: [Packed, number][] = [];
      for (let number = at; number < end; number += 1)
        calls.push([await packed(madeUp(number)), Math.floor(from + ((until - from) * number) / exchanges)]);
      database.transaction(() => calls.forEach(([call, startedAt]) => writer(call, startedAt))).immediate();
      merge.run(MERGED_PAGES);
      tell(end);
    }
    database.pragma('wal_checkpoint(PASSIVE)');
  } finally {
    database.close();
  }
}

type Packed = MadeUp & Readonly<Record<'request' | 'response', PackedChunk | null>>;

async function packed(call: MadeUp): Promise<Packed> {
  const pack = (text: string | null) => (text === null ? null : packChunk(Buffer.from(text)));
  return { ...call, request: await pack(call.requestBody), response: await pack(call.responseBody) };
}

function writerOf(database: Database.Database): (call: Packed, startedAt: number) => void {
  const like = database
    .prepare(
      `select * from exchange where kind = 'call' and request_body_id is not null and response_body_id is not null order by id desc limit 1`,
    )
    .get() as Row | undefined;
  if (!like) throw new Error('Send one call with a body first: the others are made after its likeness.');
  const likeBody = database.prepare('select * from body where id = ?').get(like['response_body_id']) as Row;
  const likeChunk = database.prepare('select * from body_chunk where body_id = ?').get(likeBody['id']) as Row;
  const addExchange = insert(database, 'exchange', like);
  const addBody = insert(database, 'body', likeBody);
  const addChunk = insert(database, 'body_chunk', likeChunk);
  const known = database.prepare('select id from body where workspace_id = ? and sha256 = ?').pluck();
  const origin = new URL(String(like['url'])).origin;

  const number = database.prepare('select number from search_entry where exchange_id = ?').pluck().safeIntegers();
  const indexed = database.prepare('update search_entry set is_indexed = 1 where number = ?');
  const addText = database.prepare(
    `insert into search_text (rowid, ${SEARCH_COLUMNS.join(', ')}) values (${SEARCH_COLUMNS.map(() => '?').join(', ')}, ?)`,
  );
  const side = (headers: unknown, facts: { sha256: string } | null, text: string | null): SearchedSide => ({
    headers: JSON.parse(String(headers)) as HeaderPairs,
    facts,
    bytes: text === null ? null : Buffer.from(text),
    isPart: false,
  });

  const bodyOf = (text: string, chunk: PackedChunk, at: number) => {
    const sha256 = sha256Of(text);
    const found = known.get(like['workspace_id'], sha256) as string | undefined;
    const id = found ?? v7({ msecs: at });
    const bytes = Buffer.byteLength(text);
    if (found === undefined) {
      addBody.run({ ...likeBody, id, sha256, bytes, stored_bytes: chunk.content.length, created_at: at });
      addChunk.run({ ...likeChunk, id: v7({ msecs: at }), body_id: id, position: 0, ...chunk });
    }
    return { id, facts: { bytes, sha256, truncated: false } };
  };

  return (call, startedAt) => {
    const { method, path, status, requestBody, responseBody, totalMs } = call;
    const request = call.request && bodyOf(requestBody!, call.request, startedAt);
    const response = call.response && bodyOf(responseBody!, call.response, startedAt);
    const id = v7({ msecs: startedAt });
    const wire = response && { wireBytes: response.facts.bytes, wireSha256: response.facts.sha256 };
    addExchange.run({
      ...like,
      id,
      method,
      url: origin + path,
      status,
      request_body: request && JSON.stringify(request.facts),
      request_body_id: request?.id ?? null,
      response_body: response && JSON.stringify({ ...response.facts, ...wire }),
      response_body_id: response?.id ?? null,
      timings: JSON.stringify({ ...(JSON.parse(String(like['timings'])) as object), total: totalMs }),
      started_at: startedAt,
      finished_at: startedAt + Math.ceil(totalMs),
    });
    const document = searchDocument(
      { method, url: origin + path },
      side(like['request_headers'], request && request.facts, requestBody),
      side(like['response_headers'], response && response.facts, responseBody),
    );
    const at = number.get(id);
    addText.run(at, ...SEARCH_COLUMNS.map((column) => document[column]));
    indexed.run(at);
  };
}

function insert(database: Database.Database, table: string, like: Row): Database.Statement {
  const names = Object.keys(like);
  return database.prepare(
    `insert into "${table}" (${names.map((name) => `"${name}"`).join(', ')}) values (${names.map((name) => `@${name}`).join(', ')})`,
  );
}

// node test/bench/fill.ts FILE COUNT: into a database that holds one call already.
if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [file = '', count = '1000000'] = process.argv.slice(2);
  const until = Date.now();
  const start = performance.now();
  await fill(file, { exchanges: Number(count), from: until - 89 * 86_400_000, until }, (done) => {
    const seconds = (performance.now() - start) / 1000;
    process.stderr.write(`\r${done.toLocaleString('en')} exchanges, ${Math.round(done / seconds)}/s `);
  });
  process.stderr.write('\n');
}
