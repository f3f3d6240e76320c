import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { placesOf, Shown } from '../../support/absence.ts';
import { openApp, type TestApp } from '../../support/app.ts';
import { type BoundApi, openBoundApi } from '../../support/bound-api.ts';
import { authority } from '../../support/certificate.ts';
import { newKey } from '../../support/keys.ts';
import { Program, withKey } from '../../support/program.ts';
import { found } from '../../support/residue.ts';

const ca = authority('Partner authority');
const [first, second] = [ca.issue('first'), ca.issue('second')];
const parts = new AsyncDisposableStack();
const shown = new Shown();
let app: TestApp;
let api: BoundApi;
let secured: BoundApi;
let program: Program;

beforeAll(async () => {
  api = parts.use(await openBoundApi());
  secured = parts.use(await openBoundApi(ca));
  app = parts.use(await openApp());
  program = new Program(app.url, withKey(await newKey(await app.owner(), 'owner')));
});
afterAll(() => parts.disposeAsync());

beforeEach(() => {
  for (const each of [api, secured]) {
    each.calls.length = 0;
    Object.assign(each, { nonce: null, nextNonce: null, movesOn: false, tokenType: null, redirect: null });
  }
});

let made = 0;

/** A new connection to an API, client credentials and DPoP unless `auth` says otherwise; gives its slug. */
async function connect(to: BoundApi, auth: object = { dpop: true }, rest: object = {}): Promise<string> {
  made += 1;
  const reply = await program.ask('POST', '/api/v1/connections', {
    json: {
      name: `Bound ${made}`,
      slug: `bound-${made}`,
      baseUrl: to.origin,
      ...rest,
      auth: {
        type: 'oauth2',
        grantType: 'client_credentials',
        tokenUrl: `${to.origin}/token`,
        clientId: 'callbook',
        ...('clientAuthentication' in auth ? {} : { clientSecret: 'a client secret of no worth' }),
        ...auth,
      },
    },
  });
  if (reply.status !== 201) throw new Error(reply.text);
  return `bound-${made}`;
}

interface Exchange {
  readonly id: string;
  readonly outcome: string;
  readonly status: number;
  readonly attempts: number;
  readonly generation: number;
  readonly detail?: string;
  readonly hops: readonly { readonly attempt: number; readonly status: number }[];
  readonly requestHeaders: readonly (readonly [string, string])[];
}

async function send(slug: string, method = 'GET', path = '/orders?limit=2', rest: object = {}): Promise<Exchange> {
  const reply = await program.ask('POST', `/api/v1/connections/${slug}/exchanges`, { json: { method, path, ...rest } });
  expect(reply.status).toBe(201);
  const exchange = shown.keep(`${slug} ${method}`, reply, reply.text).json<Exchange>();
  for (const half of ['request-body', 'response-body']) {
    const body = await program.ask('GET', `/api/v1/exchanges/${exchange.id}/${half}`);
    shown.keep(`${slug} ${half}`, body, body.bytes);
  }
  return exchange;
}

const relay = async (slug: string, path: string, request: Parameters<Program['ask']>[2] = {}, method = 'POST') => {
  const reply = await program.ask(method, `/proxy/${slug}${path}`, request);
  return shown.keep(`relay ${slug}`, reply, reply.bytes, reply.headers);
};

describe('a token that is bound to a key', () => {
  test('goes out with a proof of its own for every call, and the record shows that one went', async () => {
    const slug = await connect(api);
    const { status, requestHeaders } = await send(slug);
    expect([status, (await send(slug, 'POST', '/orders', { body: 'ink' })).status]).toEqual([200, 200]);

    expect(api.calls.map(({ scheme, refusal }) => [scheme, refusal])).toEqual([
      ['DPoP', null],
      ['DPoP', null],
    ]);
    expect(api.calls[0]?.proof).toMatchObject({ htm: 'GET', htu: `${api.origin}/orders` });
    expect(api.calls[0]?.proof).not.toHaveProperty('nonce');
    expect(requestHeaders).toContainEqual(['authorization', '*redacted*']);
    expect(requestHeaders).toContainEqual(['dpop', '*redacted*']);
  });

  test('has a proof for each origin of the connection that it is redirected to, and none elsewhere', async () => {
    await using other = await openBoundApi();
    const bound = await connect(api, { dpop: true }, { origins: [other.origin] });
    const free = await connect(api);
    api.redirect = `${other.origin}/there?page=2`;
    await send(bound, 'GET', '/moved');
    await send(free, 'GET', '/moved');

    expect(other.calls[0]).toMatchObject({ scheme: 'DPoP', proof: { htu: `${other.origin}/there` } });
    expect(other.calls[0]?.proof?.jti).not.toBe(api.calls[0]?.proof?.jti);
    expect(other.calls.at(-1)).toMatchObject({ scheme: '', proof: null });
  });

  test('goes out once more for a nonce, without a renewal, and the nonce is kept', async () => {
    const slug = await connect(api);
    await send(slug);
    const { tokenCalls } = api;
    api.nonce = 'nonce-1';

    const challenged = await send(slug, 'POST', '/orders', { body: 'ink' });
    expect(challenged).toMatchObject({ status: 200, attempts: 2, generation: 1 });
    expect(challenged.hops.map(({ attempt, status }) => [attempt, status])).toEqual([
      [1, 401],
      [2, 200],
    ]);
    expect(api.refusals.slice(1)).toEqual(['use_dpop_nonce', null]);
    expect(api.calls.at(-1)?.received.body.toString()).toBe('ink');

    api.nextNonce = 'nonce-2';
    expect(await send(slug)).toMatchObject({ status: 200, attempts: 1 });
    api.nonce = 'nonce-2';
    expect(await send(slug)).toMatchObject({ status: 200, attempts: 1 });
    expect(api.tokenCalls).toBe(tokenCalls);
  });

  test('is asked for anew when it has ended, whichever comes first, the nonce or the renewal', async () => {
    const slug = await connect(api);
    await send(slug);
    Object.assign(api, { nonce: 'nonce-3' });
    api.expireTokens();
    expect(await send(slug)).toMatchObject({ status: 200, attempts: 3, generation: 2 });
    expect(api.refusals.slice(1)).toEqual(['use_dpop_nonce', 'invalid_token', null]);
  });

  test('gets no second nonce in one call', async () => {
    const slug = await connect(api);
    api.movesOn = true;
    expect(await send(slug)).toMatchObject({ status: 401, attempts: 2, generation: 1 });
    expect(api.refusals).toEqual(['use_dpop_nonce', 'use_dpop_nonce']);
  });

  test('is not sent again with an unsafe call where the connection forbids that, but the nonce is learnt', async () => {
    const slug = await connect(api, { dpop: true }, { resendUnsafeOn401: false });
    await send(slug);
    api.nonce = 'nonce-6';
    expect(await send(slug, 'POST')).toMatchObject({ status: 401, attempts: 1, generation: 1 });
    expect(await send(slug, 'POST')).toMatchObject({ status: 200, attempts: 1 });
  });

  test('is renewed once for a hundred calls that all get a 401', async () => {
    const slug = await connect(api, { dpop: true }, { width: 64 });
    await send(slug);
    const { tokenCalls } = api;
    api.expireTokens();
    const path = `/api/v1/connections/${slug}/exchanges`;
    const calls = Array.from({ length: 100 }, () => program.ask('POST', path, { json: { method: 'GET', path: '/' } }));
    const ends = (await Promise.all(calls)).map((reply) => reply.json<Exchange>());

    expect(new Set(ends.map(({ status, generation }) => `${status} ${generation}`))).toEqual(new Set(['200 2']));
    expect(api.tokenCalls - tokenCalls).toBe(1);
    expect(new Set(api.refusals)).toEqual(new Set([null, 'invalid_token']));
  });

  test('is sent as an ordinary one where the provider made it one', async () => {
    api.tokenType = 'Bearer';
    const slug = await connect(api);
    expect(await send(slug)).toMatchObject({ status: 200 });
    expect(api.calls[0]).toMatchObject({ scheme: 'Bearer', proof: null });
  });
});

describe('a relayed call with a token that is bound to a key', () => {
  test('drops the client’s own proof and answers a challenge while the body is in hand', async () => {
    const slug = await connect(api);
    api.nonce = 'nonce-7';
    const body = 'x'.repeat(200_000);
    const reply = await relay(slug, '/orders', { body, headers: { dpop: 'a.proof.ofmine' } });

    expect([reply.status, reply.text.includes('xxx')]).toEqual([200, true]);
    expect(api.refusals).toEqual(['use_dpop_nonce', null]);
    expect(api.calls.map(({ received }) => received.bytes)).toEqual([200_000, 200_000]);
    const id = reply.headers.get('callbook-exchange');
    expect((await program.ask('GET', `/api/v1/exchanges/${id}`)).json()).toMatchObject({ attempts: 2, status: 200 });
  });

  test('hands no proof of the client’s on beside an ordinary token either, and none is set by hand', async () => {
    api.tokenType = 'Bearer';
    const slug = await connect(api);
    const headers = { dpop: 'a.proof.ofmine' };
    expect((await relay(slug, '/orders', { headers }, 'GET')).status).toBe(200);
    expect(api.calls[0]?.received.headers.map(([name]) => name)).not.toContain('dpop');

    const json = { method: 'GET', path: '/', headers: Object.entries(headers) };
    const refused = await program.ask('POST', `/api/v1/connections/${slug}/exchanges`, { json });
    expect([refused.status, refused.text]).toEqual([422, expect.stringContaining('Callbook sets dpop itself')]);
  });

  test('passes the challenge on when more of the body has gone than is kept', async () => {
    const slug = await connect(api);
    await send(slug);
    api.nonce = 'nonce-8';
    const body = new Uint8Array(2 * 2 ** 20);
    expect((await relay(slug, '/orders', { body })).status).toBe(401);
    expect((await relay(slug, '/orders', { body })).status).toBe(200);
  });
});

describe('a connection that shows a certificate', () => {
  const shows = ({ cert, key }: typeof first) => ({
    clientAuthentication: 'self_signed_tls_client_auth',
    certificate: cert,
    certificateKey: key,
  });
  const trusting = { certificateAuthorities: ca.cert };

  test('shows it to the provider and to the API, and never another connection’s', async () => {
    const [one, two] = [
      await connect(secured, shows(first), trusting),
      await connect(secured, shows(second), trusting),
    ];
    const none = await connect(secured, {}, trusting);
    for (const slug of [one, two, none, one, two, none]) expect(await send(slug)).toMatchObject({ status: 200 });
    expect(secured.calls.map(({ shown: name }) => name)).toEqual(['first', 'second', null, 'first', 'second', null]);
    expect((await relay(two, '/orders', { body: 'ink' })).status).toBe(200);
    expect(secured.calls.at(-1)).toMatchObject({ shown: 'second', refusal: null });
  });

  test('may bind its tokens to a key besides', async () => {
    const slug = await connect(secured, { ...shows(first), dpop: true }, trusting);
    secured.nonce = 'nonce-9';
    expect(await send(slug)).toMatchObject({ status: 200, attempts: 2 });
    expect(secured.calls.at(-1)).toMatchObject({ scheme: 'DPoP', shown: 'first', refusal: null });
  });

  test('shows it to no origin that is not its own', async () => {
    await using elsewhere = await openBoundApi(ca);
    const slug = await connect(secured, shows(first), trusting);
    secured.redirect = `${elsewhere.origin}/there`;
    await send(slug, 'GET', '/moved');
    expect(secured.calls[0]).toMatchObject({ shown: 'first', scheme: 'Bearer' });
    expect(elsewhere.calls[0]).toMatchObject({ shown: null, scheme: '' });
  });
});

describe('what is left of it', () => {
  test('holds no key, no token and no proof, although the API told every header back', async () => {
    const carried = [...api.secrets, ...secured.secrets];
    const plain = Object.fromEntries(carried.map((secret, at) => [`secret ${at}`, [secret]]));
    expect(carried.length).toBeGreaterThan(100);
    expect(found(plain, [...shown.places, ...(await placesOf(app))])).toEqual([]);

    const [token, proof] = [carried.find((text) => text.startsWith('access-')), carried.at(-1)];
    const few = { token: token!, proof: proof!, key: first.key };
    expect(await shown.leaks(few, app)).toEqual([]);
    expect(found({ canary: ['redacted'] }, shown.places)).not.toEqual([]);
  });
});
