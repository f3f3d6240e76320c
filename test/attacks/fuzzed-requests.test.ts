import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { type Api, openApi } from '../support/api.ts';
import { openApp, OWNER, type TestApp } from '../support/app.ts';
import { ENCODINGS } from '../support/encodings.ts';
import { newKey } from '../support/keys.ts';
import { openProvider, type Provider } from '../support/provider.ts';
import { type Fuzzed, requests } from './fuzzed-requests.ts';

const REQUESTS = 10_000;
const AT_ONCE = 20;

/** What a fuzzed connection's secret is, wherever one is written. */
const PLANTED = 'planted-secret-of-a-fuzzed-connection';

/** What came back, as far as a client could see it. */
interface Answer {
  readonly status: number;
  readonly head: string;
  readonly body: Buffer;
}

describe('ten thousand requests that nobody would send', () => {
  let provider: Provider;
  let api: Api;
  let app: TestApp;
  const keys: string[] = [];
  const ids: string[] = [];

  beforeAll(async () => {
    provider = await openProvider();
    api = await openApi({ provider, keepsLog: false });
    app = await openApp();
    const owner = await app.owner();
    for (const slug of ['partner', 'spare']) await owner.connect({ provider, apiOrigin: api.origin, slug, name: slug });
    for (const role of ['viewer', 'editor', 'owner'] as const) keys.push(await newKey(owner, role));
  });
  afterAll(async () => {
    await app[Symbol.asyncDispose]();
    await api[Symbol.asyncDispose]();
    await provider[Symbol.asyncDispose]();
  });

  test('get an answer each: no fault without an id, and no secret in any of them', async () => {
    const statuses: Record<number, number> = {};
    let known: { issued: number; needles: Buffer[] } = { issued: -1, needles: [] };
    const appKey = (await readFile(join(app.folder, 'app.key'), 'utf8')).trim();
    const told = fc.asyncProperty(
      fc.array(requests({ secret: PLANTED }), { minLength: AT_ONCE, maxLength: AT_ONCE }),
      async (batch) => {
        const answers = await Promise.all(batch.map((one) => send(app.url, one, keys, ids)));
        const issued = provider.secrets();
        if (issued.length !== known.issued) {
          known = { issued: issued.length, needles: needlesOf([...keys, PLANTED, OWNER.password, appKey, ...issued]) };
        }
        for (const [at, answer] of answers.entries()) {
          statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
          expect(faultsOf(answer, known.needles)).toEqual([]);
          noteId(answer, ids, batch[at]);
        }
      },
    );

    await fc.assert(told, { numRuns: REQUESTS / AT_ONCE, seed: 20_261_122, endOnFailure: true });

    // Most of what it made was understood, much was refused with a reason, and calls went through.
    for (const status of [200, 201, 400, 401, 403, 404, 405, 422]) expect(statuses[status] ?? 0).toBeGreaterThan(0);
    expect(Object.values(statuses).reduce((sum, one) => sum + one, 0)).toBe(REQUESTS);
    expect(ids.length).toBeGreaterThan(100);
  }, 300_000);

  test('would be caught with a secret in a reply, however it is written', () => {
    const needles = needlesOf(['a-secret-of-sorts']);
    for (const encode of Object.values(ENCODINGS)) {
      const body = Buffer.from(`{"x":"${encode('a-secret-of-sorts')}"}`);
      expect(faultsOf({ status: 200, head: '', body }, needles)).not.toEqual([]);
    }
  });

  test('would be caught with a fault that shows no id', () => {
    const body = Buffer.from('{"type":"/problems/unexpected"}');
    expect(faultsOf({ status: 500, head: 'callbook-problem: unexpected', body }, [])).toEqual(['500 without an id']);
  });
});

/** Every form of every secret, as bytes to look for. */
function needlesOf(secrets: readonly string[]): Buffer[] {
  const forms = secrets.flatMap((secret) => Object.values(ENCODINGS).map((encode) => encode(secret)));
  return [...new Set(forms)].map((form) => Buffer.from(form));
}

/** What is wrong with an answer; a 5xx of the API itself, passed on by the proxy, is none of our faults. */
function faultsOf({ status, head, body }: Answer, needles: readonly Buffer[]): string[] {
  const faults = needles.filter((needle) => body.includes(needle) || head.includes(needle.toString()));
  const isOurs = head.includes('callbook-problem: ');
  const isExplained = !head.includes('callbook-problem: unexpected') || /"id":"[0-9a-f-]{36}"/.test(body.toString());
  const isPassedOn = head.includes('callbook-exchange: ');
  return [
    ...faults.map((needle) => `holds ${needle.toString().slice(0, 12)}…`),
    ...(status >= 500 && !(isOurs ? isExplained : isPassedOn) ? [`${status} without an id`] : []),
  ];
}

/** Ids of exchanges that came back are asked for later. */
function noteId({ head, body }: Answer, ids: string[], asked: Fuzzed | undefined): void {
  const [, relayed] = /callbook-exchange: (\S+)/.exec(head) ?? [];
  const [, listed] = asked?.path.startsWith('/api/v1/') ? (/"id":"([0-9a-f-]{36})"/.exec(body.toString()) ?? []) : [];
  const id = relayed ?? listed;
  if (id && ids.length < 500) ids.push(id);
}

function send(origin: string, fuzzed: Fuzzed, keys: readonly string[], ids: readonly string[]): Promise<Answer> {
  const { host } = new URL(origin);
  const [hostname, port] = host.split(':');
  const path = fuzzed.path.replace('{id}', ids[fuzzed.pick % Math.max(1, ids.length)] ?? 'none');
  const headers = fuzzed.headers.map(([name, value]) => [
    name,
    value.replace(/\{key (\d)\}/, (_, at) => keys[Number(at)] ?? ''),
  ]);
  return new Promise((resolve, reject) => {
    const asking = request(
      { hostname, port, path, method: fuzzed.method, headers: ['host', host, ...headers.flat()], agent: false },
      (reply) => {
        const chunks: Buffer[] = [];
        reply.on('data', (chunk: Buffer) => chunks.push(chunk));
        const answered = () => {
          const pairs = reply.rawHeaders.map((text, at) => (at % 2 === 0 ? `${text.toLowerCase()}: ` : `${text}\n`));
          resolve({ status: reply.statusCode ?? 0, head: pairs.join(''), body: Buffer.concat(chunks) });
        };
        reply.once('end', answered);
        reply.once('error', reject);
      },
    );
    asking.once('error', reject);
    asking.end(fuzzed.body);
  });
}
