import { once } from 'node:events';
import { type IncomingMessage, request as httpRequest, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { setTimeout as elapse } from 'node:timers/promises';
import type { HeaderPairs } from '../../../src/kernel/headers.ts';
import { openApp, type TestApp } from '../../support/app.ts';
import type { Client } from '../../support/client.ts';
import { type KeptExchange, keptCalls } from '../../support/kept-exchanges.ts';
import { newKey } from '../../support/keys.ts';
import { listen } from '../../support/listening.ts';
import { openProvider, type Provider } from '../../support/provider.ts';

/** Answers one request the way a test wants it. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** A program with a key, before an API that answers as it is told. */
export interface Desk extends AsyncDisposable {
  readonly app: TestApp;
  readonly owner: Client;
  readonly provider: Provider;
  readonly apiOrigin: string;
  readonly slug: string;
  readonly key: string;
  /** The token the API sees; there is one once a call was made. */
  token(): string;
  api(answer: Answer): void;
  /** Asks through the proxy; `path` is what comes after the slug. */
  ask(path: string, asking?: Asking): Promise<Got>;
  /** The calls on record, oldest first. */
  records(): KeptExchange[];
  /** The record of that id, once it is settled. */
  settled(id: string): Promise<KeptExchange>;
}

export interface Asking {
  readonly method?: string;
  readonly headers?: readonly string[];
  readonly body?: Buffer | AsyncIterable<Buffer>;
  readonly slug?: string;
  /** False where the test sends its own. */
  readonly withKey?: boolean;
}

/** An answer as it was on the wire. */
export interface Got {
  readonly status: number;
  readonly raw: HeaderPairs;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  /** False where the connection broke before the answer's end. */
  readonly isWhole: boolean;
  readonly id: string;
}

export async function openDesk(
  fields: Record<string, string> = {},
  settings: Record<string, string> = {},
): Promise<Desk> {
  const stack = new AsyncDisposableStack();
  const provider = stack.use(await openProvider());
  let answer: Answer = (_request, response) => void response.end('{}');
  const api = stack.use(await listen(async (request, response) => answer(request, response)));
  const app = stack.use(await openApp(settings));
  const owner = await app.owner();
  const slug = await owner.connect({ provider, apiOrigin: api.origin, ...fields });
  const key = await newKey(owner, 'editor');
  const records = () => keptCalls(app.databaseFile);
  return {
    app,
    owner,
    provider,
    apiOrigin: api.origin,
    slug,
    key,
    records,
    token: () => provider.secrets().at(-1)!,
    api: (next) => (answer = next),
    async ask(path, { method = 'GET', headers = [], body, slug: other = slug, withKey = true } = {}) {
      const auth = withKey ? ['Authorization', `Bearer ${key}`] : [];
      const request = httpRequest(app.url, {
        method,
        path: `/proxy/${other}${path}`,
        headers: hosted(app, auth, headers),
      });
      const answered = once(request, 'response') as Promise<[IncomingMessage]>;
      if (!body || Buffer.isBuffer(body)) request.end(body);
      else pipeline(body, request).catch(() => {});
      return got((await answered)[0]);
    },
    async settled(id) {
      return until(() => records().find((record) => record.id === id && record.outcome !== 'pending'));
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Looks until there is something; tests are ended by their own time. */
export async function until<T>(look: () => T | undefined): Promise<T> {
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    await elapse(10);
  }
}

/** A connection of one's own, for what no client would send. */
export async function dial(app: TestApp): Promise<Socket> {
  const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** Everything a connection says until it is closed. */
export async function said(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  if (!socket.closed) await once(socket, 'close');
  return Buffer.concat(chunks).toString('latin1');
}

function hosted(app: TestApp, ...lists: (readonly string[])[]): string[] {
  return ['Host', new URL(app.url).host, 'Connection', 'close', ...lists.flat()];
}

export async function got(response: IncomingMessage): Promise<Got> {
  const chunks: Buffer[] = [];
  response.on('data', (chunk: Buffer) => chunks.push(chunk));
  response.on('error', () => {});
  await new Promise((resolve) => response.once('close', resolve));
  const raw = response.rawHeaders;
  return {
    status: response.statusCode ?? 0,
    raw: Array.from({ length: raw.length / 2 }, (_, at) => [raw[2 * at]!, raw[2 * at + 1]!] as const),
    headers: response.headers,
    body: Buffer.concat(chunks),
    isWhole: response.complete,
    id: String(response.headers['callbook-exchange'] ?? ''),
  };
}
