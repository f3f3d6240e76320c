import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Transform, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import Database from 'better-sqlite3';
import { Pool } from 'undici';
import type { Addresses } from './neighbours.ts';

/**
 * The limit: what the app does for W1, W2, W3, W6 and W7, by hand. No framework, no ORM, no masking, no lease, no checks; the
 * same durable commits. Started with a database file and the neighbours' addresses; writes its own on the first line.
 */
const [file = '', addresses = '{}'] = process.argv.slice(2);
const { apiOrigin, tokenUrl, clientId, clientSecret, slugs } = JSON.parse(addresses) as Addresses & { slugs: string[] };
const KEPT_BYTES = 16 * 1024 * 1024;
const db = new Database(file);
db.pragma('journal_mode = WAL');
db.pragma('synchronous = FULL');
db.exec(`
  CREATE TABLE sign_in (hash TEXT PRIMARY KEY, user TEXT, until INTEGER) WITHOUT ROWID;
  CREATE TABLE connection (slug TEXT PRIMARY KEY, token TEXT, generation INTEGER, expires_at INTEGER) WITHOUT ROWID;
  CREATE TABLE exchange (id TEXT PRIMARY KEY, outcome TEXT, method TEXT, url TEXT, request_headers TEXT, request_body BLOB,
    status INTEGER, response_headers TEXT, response_body BLOB, started_at INTEGER, finished_at INTEGER) WITHOUT ROWID;
`);

interface Held {
  readonly token: string | null;
  readonly generation: number;
  readonly expires_at: number;
}

const signIn = db.prepare<[string], { user: string; until: number }>('SELECT user, until FROM sign_in WHERE hash = ?');
const held = db.prepare<[string], Held>('SELECT token, generation, expires_at FROM connection WHERE slug = ?');
const keep = db.prepare('UPDATE connection SET token = ?, generation = generation + 1, expires_at = ? WHERE slug = ?');
const begin = db.prepare("INSERT INTO exchange VALUES (?, 'pending', ?, ?, ?, ?, NULL, NULL, NULL, ?, NULL)");
const settle = db.prepare(
  "UPDATE exchange SET outcome = 'answered', status = ?, response_headers = ?, response_body = ?, finished_at = ? WHERE id = ?",
);

const cookie = randomBytes(32).toString('base64url');
db.prepare('INSERT INTO sign_in VALUES (?, ?, ?)').run(hashOf(cookie), 'owner', Date.now() + 86_400_000);
for (const slug of slugs) db.prepare('INSERT INTO connection VALUES (?, NULL, 0, 0)').run(slug);

const api = new Pool(apiOrigin, { connections: 64 });
const provider = new Pool(new URL(tokenUrl).origin);
const flights = new Map<string, Promise<Held>>();

const server = createServer((request, response) => {
  answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') {
    process.stdout.write(`${JSON.stringify({ origin: `http://127.0.0.1:${address.port}`, cookie })}\n`);
  }
});
process.on('SIGTERM', () => process.exit());

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { cookie: sid, authorization } = request.headers;
  const user = signIn.get(hashOf(authorization?.slice('Bearer '.length) ?? sid?.slice('sid='.length) ?? ''));
  if (!user || user.until < Date.now()) return void response.writeHead(401).end();
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  if (url.pathname === '/_token_refresh') return tell(url.searchParams.get('connection') ?? '', response);
  if (url.pathname.startsWith('/proxy/partner/')) return relay(request, response);
  return send(request, response, url.pathname.startsWith('/api/'));
}

async function tell(slug: string, response: ServerResponse): Promise<void> {
  const { generation, expires_at: expiresAt } = await fresh(slug);
  const expiresIn = Math.floor((expiresAt - Date.now()) / 1000);
  const facts = {
    connection: slug,
    state: 'fresh',
    generation,
    expiresAt: new Date(expiresAt).toISOString(),
    expiresIn,
  };
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ ...facts, nextCheckIn: Math.max(0, expiresIn - 300), refreshed: false }));
}

async function send(request: IncomingMessage, response: ServerResponse, isJson: boolean): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const { method, path, body } = JSON.parse(Buffer.concat(chunks).toString()) as Record<
    'method' | 'path' | 'body',
    string
  >;
  const { token } = await fresh('partner');
  const id = randomUUID();
  const headers = { 'content-type': 'application/json', authorization: '*redacted*' };
  begin.run(id, method, apiOrigin + path, JSON.stringify(headers), body, Date.now());
  const reply = await api.request({
    method: 'POST',
    path,
    headers: { ...headers, authorization: `Bearer ${token}` },
    body,
  });
  const bytes = Buffer.from(await reply.body.arrayBuffer());
  settle.run(reply.statusCode, JSON.stringify(reply.headers), bytes, Date.now(), id);
  if (!isJson) return void response.writeHead(303, { location: `/exchanges/${id}` }).end();
  response.writeHead(201, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ id, method, url: apiOrigin + path, status: reply.statusCode, headers: reply.headers }));
}

/** Streams both ways, keeps the first bytes of each body, and lets the answer end when its record is committed. */
async function relay(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { token } = await fresh('partner');
  const id = randomUUID();
  const method = request.method as 'GET' | 'POST';
  const path = (request.url ?? '').slice('/proxy/partner'.length);
  const { host: _, connection: __, authorization: ___, ...headers } = request.headers;
  begin.run(id, method, apiOrigin + path, JSON.stringify(headers), null, Date.now());
  const sent = new Kept();
  const body = method === 'GET' ? null : request.pipe(sent);
  const reply = await api.request({ method, path, headers: { ...headers, authorization: `Bearer ${token}` }, body });
  const { connection: ____, 'keep-alive': _____, 'transfer-encoding': ______, ...shown } = reply.headers;
  response.writeHead(reply.statusCode, shown);
  const answered = new Kept();
  await pipeline(reply.body, answered, response, { end: false });
  settle.run(reply.statusCode, JSON.stringify(reply.headers), answered.bytes(), Date.now(), id);
  response.end();
}

/** Passes bytes on, and keeps the first of them. */
class Kept extends Transform {
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  override _transform(chunk: Buffer, _encoding: string, done: TransformCallback): void {
    if (this.#bytes < KEPT_BYTES) this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    done(null, chunk);
  }

  bytes(): Buffer {
    return Buffer.concat(this.#chunks).subarray(0, KEPT_BYTES);
  }
}

async function fresh(slug: string): Promise<Held> {
  const row = held.get(slug);
  if (row && row.expires_at > Date.now()) return row;
  const underway = flights.get(slug) ?? renew(slug).finally(() => flights.delete(slug));
  flights.set(slug, underway);
  return underway;
}

async function renew(slug: string): Promise<Held> {
  const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret };
  const reply = await provider.request({
    method: 'POST',
    path: '/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
  });
  const tokens = (await reply.body.json()) as { access_token: string; expires_in: number };
  keep.run(tokens.access_token, Date.now() + tokens.expires_in * 1000, slug);
  return held.get(slug) as Held;
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
