import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { OpenAPIClientAxios } from 'openapi-client-axios';
import { type Api, openApi } from '../support/api.ts';
import { openApp, type TestApp } from '../support/app.ts';
import { newKey } from '../support/keys.ts';
import { openProvider, type Provider } from '../support/provider.ts';

const run = promisify(execFile);

/** A partner's description of its own API, as their clients are made from; only the server is another. */
const ORDERS = {
  openapi: '3.0.3',
  info: { title: 'Orders', version: '1' },
  paths: {
    '/orders': {
      get: {
        operationId: 'listOrders',
        parameters: [{ name: 'limit', in: 'query', schema: { type: 'integer' } }],
        responses: { '200': { description: 'Orders.' } },
      },
      post: {
        operationId: 'createOrder',
        requestBody: { content: { 'application/json': { schema: { type: 'object' } } } },
        responses: { '201': { description: 'The order.' } },
      },
    },
  },
} as const;

let provider: Provider;
let api: Api;
let app: TestApp;
let key: string;

beforeAll(async () => {
  provider = await openProvider();
  api = await openApi({ provider });
  app = await openApp();
  const owner = await app.owner();
  await owner.connect({ provider, apiOrigin: api.origin, slug: 'partner' });
  key = await newKey(owner, 'editor');
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await api[Symbol.asyncDispose]();
  await provider[Symbol.asyncDispose]();
});

/** The last request the API received: with a good token, and without what was meant for Callbook. */
function lastReceived() {
  const received = api.log.at(-1);
  const names = received?.headers.map(([name]) => name.toLowerCase()) ?? [];
  expect(names).not.toContain('callbook-key');
  expect(provider.isLive(api.tokensSeen().at(-1) ?? '')).toBe(true);
  expect(JSON.stringify(received?.headers)).not.toContain(key);
  return received;
}

describe('clients that know nothing of Callbook, at the proxy', () => {
  test('curl gets the answer', async () => {
    const args = [
      '-sS',
      '--fail',
      '-H',
      `Authorization: Bearer ${key}`,
      '-d',
      '{"item":"ink"}',
      `${app.url}/proxy/partner/orders`,
    ];

    const { stdout } = await run('curl', args);

    expect(JSON.parse(stdout)).toMatchObject({ item: 'paper' });
    expect(lastReceived()).toMatchObject({ method: 'POST', target: '/orders', bytes: 14 });
  });

  test("Node's fetch gets the answer, and its own Authorization goes nowhere", async () => {
    const reply = await fetch(`${app.url}/proxy/partner/orders?limit=2`, {
      headers: { 'callbook-key': key, authorization: 'Bearer a-token-of-their-own' },
    });

    expect(await reply.json()).toMatchObject({ item: 'paper' });
    expect(lastReceived()).toMatchObject({ method: 'GET', target: '/orders?limit=2' });
    expect(api.tokensSeen()).not.toContain('a-token-of-their-own');
  });

  test("a client made from the partner's own OpenAPI document gets the answers", async () => {
    const servers = [{ url: `${app.url}/proxy/partner` }];
    const made = new OpenAPIClientAxios({
      definition: { ...structuredClone(ORDERS), servers } as never,
      axiosConfigDefaults: { headers: { authorization: `Bearer ${key}` } },
    });
    const client = await made.init<Operations>();

    const created = await client.createOrder(null, { item: 'ink' });
    expect([created.status, created.data]).toMatchObject([201, { item: 'paper' }]);
    expect(lastReceived()).toMatchObject({ method: 'POST', target: '/orders' });

    const listed = await client.listOrders({ limit: 2 });
    expect([listed.status, listed.headers['callbook-exchange']]).toEqual([
      200,
      expect.stringMatching(/^[0-9a-f-]{36}$/),
    ]);
    expect(lastReceived()).toMatchObject({ method: 'GET', target: '/orders?limit=2' });
  });
});

describe('a client made from the OpenAPI document that Callbook serves', () => {
  test('sends a call and finds it on record', async () => {
    const made = new OpenAPIClientAxios({
      definition: `${app.url}/api/openapi.json`,
      axiosConfigDefaults: { headers: { authorization: `Bearer ${key}` } },
    });
    const client = await made.init<Operations>();
    const sent = await client.createExchange(
      { slug: 'partner' },
      { method: 'POST', path: '/orders', body: '{"item":"ink"}' },
    );
    expect([sent.status, sent.data]).toMatchObject([201, { outcome: 'answered', status: 201 }]);

    const found = await client.listExchanges({ connection: 'partner', limit: 1 });
    expect(found.data).toMatchObject({ items: [{ id: (sent.data as { id: string }).id }] });
  });
});

type Operations = Record<
  'createOrder' | 'listOrders' | 'createExchange' | 'listExchanges',
  (parameters: object | null, body?: object) => Promise<OperationReply>
>;

interface OperationReply {
  readonly status: number;
  readonly data: unknown;
  readonly headers: Readonly<Record<string, unknown>>;
}
