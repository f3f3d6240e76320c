import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OWNER, runApp } from '../support/running-app.ts';
import { end } from './child.ts';
import type { Load } from './load.ts';
import type { Addresses } from './neighbours.ts';

/** Connections that every contestant has: one that stays fresh, and one for each round of the storm. */
export const SLUGS = ['partner', 'storm-0', 'storm-1', 'storm-2', 'storm-3', 'storm-4'] as const;

/** One request to send again and again, and the status that says it went well. */
export type Request = Pick<Load, 'path' | 'method' | 'headers' | 'body' | 'status'>;

/** A server that is measured, ready, signed in to and with a key. */
export interface Contestant extends AsyncDisposable {
  readonly name: 'app' | 'limit';
  readonly pid: number;
  readonly origin: string;
  /** Headers of a signed-in browser. */
  readonly headers: Readonly<Record<string, string>>;
  /** Headers of a program. */
  readonly keyHeaders: Readonly<Record<string, string>>;
  /** A call of the API that is sent and recorded: by the JSON API, and by the composer's form. */
  readonly sending: { readonly json: Request; readonly form: Request };
}

const ORDER = '{"item":"ink"}';
const JSON_TYPE = { 'content-type': 'application/json' };
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' };

/** The app, and where its database is. */
export interface BenchedApp extends Contestant {
  readonly databaseFile: string;
}

/** Starts the app as a person would, makes an owner, the connection `partner` and one for each storm. */
export async function startApp(neighbours: Addresses, env: Readonly<Record<string, string>> = {}): Promise<BenchedApp> {
  const running = await runApp({ env });
  const { origin } = running;
  const cookie = await signIn(origin);
  const headers = { cookie, origin, 'sec-fetch-site': 'same-origin' };
  const csrf = await csrfOf(origin, headers);
  for (const slug of SLUGS) await connect(origin, headers, { ...neighbours, slug, csrf });
  const keyHeaders = { authorization: `Bearer ${await newKey(origin, headers, csrf)}` };
  const form = { csrf, method: 'POST', path: '/orders', headers: '', contentType: 'json', body: ORDER };
  return {
    name: 'app',
    databaseFile: join(running.folder, 'callbook.db'),
    pid: running.pid,
    origin,
    headers,
    keyHeaders,
    sending: {
      json: { ...jsonSend('/api/v1/connections/partner/exchanges'), headers: { ...keyHeaders, ...JSON_TYPE } },
      form: {
        method: 'POST',
        path: '/connections/partner/exchanges',
        headers: { ...headers, ...FORM_TYPE },
        body: new URLSearchParams(form).toString(),
        status: 303,
      },
    },
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}

/** Starts the same work by hand; see `limit.ts`. */
export async function startLimit(neighbours: Addresses): Promise<Contestant> {
  const folder = await mkdtemp(join(tmpdir(), 'callbook-limit-'));
  const args = [
    join(import.meta.dirname, 'limit.ts'),
    join(folder, 'limit.db'),
    JSON.stringify({ ...neighbours, slugs: SLUGS }),
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const { origin, cookie } = JSON.parse(await lineWith(child, /^\{.*\}$/m)) as { origin: string; cookie: string };
  const headers = { cookie: `sid=${cookie}` };
  const keyHeaders = { authorization: `Bearer ${cookie}` };
  return {
    name: 'limit',
    pid: child.pid ?? 0,
    origin,
    headers,
    keyHeaders,
    sending: {
      json: { ...jsonSend('/api/exchanges'), headers: { ...keyHeaders, ...JSON_TYPE } },
      form: { ...jsonSend('/exchanges'), headers: { ...headers, ...JSON_TYPE }, status: 303 },
    },
    [Symbol.asyncDispose]: async () => {
      await end(child);
      await rm(folder, { recursive: true });
    },
  };
}

function jsonSend(path: string): Request {
  const call = { method: 'POST', path: '/orders', headers: [['content-type', 'application/json']], body: ORDER };
  return { method: 'POST', path, headers: {}, body: JSON.stringify(call), status: 201 };
}

async function signIn(origin: string): Promise<string> {
  const reply = await post(`${origin}/sign-in`, { origin, 'sec-fetch-site': 'same-origin' }, OWNER);
  const cookie = reply.headers.getSetCookie().find((one) => one.startsWith('sid-dev='));
  if (!cookie) throw new Error(`Signing in answered ${reply.status} and set no cookie.`);
  return cookie.slice(0, cookie.indexOf(';'));
}

async function csrfOf(origin: string, headers: Record<string, string>): Promise<string> {
  const page = await (await fetch(`${origin}/connections/new`, { headers })).text();
  const token = /name="csrf"\s+value="([^"]+)"/.exec(page)?.[1];
  if (!token) throw new Error('The page for a new connection holds no csrf field.');
  return token;
}

async function newKey(origin: string, headers: Record<string, string>, csrf: string): Promise<string> {
  const reply = await post(`${origin}/keys`, headers, { csrf, name: 'bench', role: 'editor', expires: 'never' });
  const key = /cbk_[\w-]{43}/.exec(await reply.text())?.[0];
  if (!key) throw new Error(`Making an API key answered ${reply.status} and showed none.`);
  return key;
}

async function connect(
  origin: string,
  headers: Record<string, string>,
  { slug, csrf, apiOrigin, tokenUrl, clientId, clientSecret }: Addresses & { slug: string; csrf: string },
): Promise<void> {
  const reply = await post(`${origin}/connections`, headers, {
    csrf,
    name: slug,
    slug,
    baseUrl: apiOrigin,
    width: '32',
    authType: 'oauth2',
    grantType: 'client_credentials',
    tokenUrl,
    clientId,
    clientSecret,
    clientAuthentication: 'client_secret_basic',
    scope: 'orders',
  });
  if (reply.status !== 303)
    throw new Error(`Making the connection ${slug} answered ${reply.status}: ${await reply.text()}`);
}

function post(url: string, headers: Record<string, string>, form: Record<string, string>): Promise<Response> {
  return fetch(url, { method: 'POST', redirect: 'manual', headers, body: new URLSearchParams(form) });
}

/** The first match in what a process prints; what it prints later is read and dropped. */
function lineWith(child: ChildProcess, wanted: RegExp): Promise<string> {
  const found = Promise.withResolvers<string>();
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    if (text === '' || !wanted.test(text)) text += chunk.toString();
    const match = wanted.exec(text);
    if (match) found.resolve(match[0]);
  });
  child.once('exit', (code) => found.reject(new Error(`It ended with ${code} before it was ready. It said: ${text}`)));
  return found.promise;
}
