import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as elapse } from 'node:timers/promises';
import { newKey } from '../../support/keys.ts';
import { keptCalls, rowsOf } from '../../support/kept-exchanges.ts';
import { join } from '../../support/people.ts';
import { Program, withKey } from '../../support/program.ts';
import { connected, openWorld, pastedGrant, sentCall, type World } from './world.ts';

interface Shown {
  readonly id: string;
  readonly kind: string;
  readonly connection: string;
  readonly method: string;
  readonly status: number | null;
  readonly url: string;
  readonly sentBy: string | null;
}

interface Page {
  readonly items: readonly Shown[];
  readonly next: string | null;
}

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(async () => world[Symbol.asyncDispose]());

const send = (slug: string, json: object) =>
  world.editor.ask('POST', `/api/v1/connections/${slug}/exchanges`, { json });
const sent = (slug: string, json: object) => sentCall<Shown>(world, slug, json);

async function list(query: string): Promise<Shown[]> {
  const reply = await world.viewer.ask('GET', `/api/v1/exchanges?${query}`);
  expect(reply.status).toBe(200);
  return [...reply.json<Page>().items];
}

const pointers = (reply: { json<T>(): T }) =>
  reply.json<{ errors: { pointer: string }[] }>().errors.map(({ pointer }) => pointer);

describe('a call that a program sends', () => {
  test('goes out with a fresh token and comes back as its record', async () => {
    const slug = await connected(world);
    const reply = await send(slug, {
      method: 'post',
      path: '/orders?limit=2',
      query: [
        ['note', 'a b&c'],
        ['note', ''],
      ],
      headers: [
        ['content-type', 'application/json'],
        ['X-Twice', '1'],
        ['X-Twice', '2'],
      ],
      body: '{"item": "päper"}',
    });

    const received = world.api.log.at(-1);
    expect(received?.target).toBe('/orders?limit=2&note=a%20b%26c&note=');
    expect(received?.body.toString()).toBe('{"item": "päper"}');
    expect(reply.status).toBe(201);
    const exchange = reply.json();
    expect(reply.headers.get('location')).toBe(`/api/v1/exchanges/${String(exchange['id'])}`);
    expect(Object.keys(exchange)).toEqual(
      `id kind connection generation method url requestHeaders requestBody outcome reason detail status responseHeaders
       responseBody sent timings hops attempts sentBy startedAt finishedAt`.split(/\s+/),
    );
    expect(exchange).toMatchObject({
      kind: 'call',
      connection: slug,
      generation: 1,
      method: 'POST',
      outcome: 'answered',
      reason: null,
      detail: null,
      status: 201,
      requestBody: { bytes: 18, truncated: false },
      responseBody: { bytes: 144, wireBytes: 144, wireSha256: expect.any(String), truncated: false },
      attempts: 1,
      sent: 'whole',
      hops: [{ attempt: 1, method: 'POST', status: 201 }],
    });
    expect(exchange['requestHeaders']).toEqual(
      expect.arrayContaining([
        ['X-Twice', '1'],
        ['X-Twice', '2'],
        ['authorization', '*redacted*'],
      ]),
    );
    expect((await world.viewer.ask('GET', reply.headers.get('location') ?? '')).json()).toEqual(exchange);
  });

  test('may carry any bytes, in base64', async () => {
    const slug = await connected(world);
    const bytes = Buffer.from(Array.from({ length: 700 }, (_, at) => at % 256));

    await sent(slug, { method: 'PUT', path: '/orders', bodyBase64: bytes.toString('base64') });

    expect(world.api.log.at(-1)?.body.equals(bytes)).toBe(true);
  });

  test('is 201 when it came to nothing', async () => {
    const slug = await connected(world, {}, { name: 'Nowhere', baseUrl: 'http://127.0.0.1:1025' });
    const reply = await send(slug, { method: 'GET', path: '/' });

    expect(reply.status).toBe(201);
    expect(reply.json()).toMatchObject({
      outcome: 'failed',
      reason: 'connect',
      detail: expect.any(String),
      sent: 'nothing',
      status: null,
      responseHeaders: null,
      responseBody: null,
      requestBody: null,
    });
  });

  test('is refused before a token is asked for, each fault under its own name', async () => {
    const slug = await connected(world);
    const asked = world.provider.asked.total;
    const kept = keptCalls(world.app.databaseFile).length;
    const good = { method: 'GET', path: '/orders' };

    for (const [json, expected] of [
      [{ ...good, path: '/../../etc' }, ['/path']],
      [{ ...good, path: 'https://evil.example/' }, ['/path']],
      [{ ...good, method: 'TRACE' }, ['/method']],
      [
        {
          ...good,
          headers: [
            ['accept', '*/*'],
            ['host', 'x'],
          ],
        },
        ['/headers/1'],
      ],
      [{ ...good, headers: [['authorization', 'Bearer x']] }, ['/headers/0']],
      [{ ...good, headers: { accept: '*/*' } }, ['/headers']],
      [{ ...good, headers: [['accept']] }, ['/headers/0']],
      [{ ...good, query: [['a', 1]] }, ['/query/0/1']],
      [{ ...good, query: [['token', '*redacted*']] }, ['/query/0']],
      [{ ...good, body: '\ud800' }, ['/body']],
      [{ ...good, body: 'x', bodyBase64: 'eA==' }, ['/bodyBase64']],
      [{ ...good, bodyBase64: 'eA' }, ['/bodyBase64']],
      [{ ...good, bodyBase64: '*redacted*' }, ['/bodyBase64']],
      [{ ...good, bodyBase64: Buffer.from('*redacted*').toString('base64') }, ['/bodyBase64']],
      [{ ...good, bodyBase64: Buffer.alloc(16 * 2 ** 20 + 1).toString('base64') }, ['/bodyBase64']],
      [{ ...good, timeoutMs: 1 }, ['/timeoutMs']],
      [{}, ['/method', '/path']],
    ] as const) {
      const reply = await send(slug, json);
      expect([reply.status, pointers(reply)]).toEqual([422, expected]);
    }
    expect(world.provider.asked.total).toBe(asked);
    expect(keptCalls(world.app.databaseFile)).toHaveLength(kept);
  });

  test('takes 16 MiB, in base64', async () => {
    const slug = await connected(world, {}, { name: 'Large' });
    const bodyBase64 = Buffer.alloc(16 * 2 ** 20, 7).toString('base64');

    const exchange = await sent(slug, { method: 'PUT', path: '/orders', bodyBase64 });

    expect(exchange).toMatchObject({ requestBody: { bytes: 16 * 2 ** 20, truncated: false } });
  });

  test('says which person has to act, and when to come back', async () => {
    const gone = await connected(world, pastedGrant(world));
    await world.owner.ask('DELETE', `/api/v1/connections/${gone}/grant`);
    const away = await connected(world);
    world.provider.next({ status: 503, headers: { 'retry-after': '7' } });

    expect(await send(gone, { method: 'GET', path: '/' })).toMatchObject({ status: 409, problem: 'revoked' });
    const reply = await send(away, { method: 'GET', path: '/' });
    expect(reply).toMatchObject({ status: 503, problem: 'provider-unavailable' });
    expect(reply.headers.get('retry-after')).toBe('7');
    expect(await send('nobody', { method: 'GET', path: '/' })).toMatchObject({ status: 404, problem: 'not-found' });
  });
});

describe('the list of exchanges', () => {
  test('shows what every filter asks for and nothing else', async () => {
    const first = await connected(world, {}, { name: 'First filter', slug: 'first-filter' });
    const second = await connected(world, pastedGrant(world), { name: 'Second', slug: 'second-filter' });
    const since = world.app.clock.now();
    const get = await sent(first, { method: 'GET', path: '/orders' });
    const missing = await sent(first, { method: 'DELETE', path: '/status/404' });
    const large = await sent(second, { method: 'GET', path: '/bytes?size=5000' });
    await elapse(5);
    const until = world.app.clock.now();
    world.app.clock.advance(60_000);
    const late = await world.owner.ask('POST', `/api/v1/connections/${second}/exchanges`, {
      json: { method: 'GET', path: '/slow?ms=300' },
    });
    const slow = late.json<Shown>();
    const ours = [get, missing, large, slow].map(({ id }) => id);
    const by = async (query: string) =>
      (await list(`since=${since.toISOString()}&${query}`)).map(({ id }) => id).filter((id) => ours.includes(id));

    expect(await by('')).toEqual(ours.toReversed());
    expect((await list('connection=first-filter&kind=call')).map(({ id }) => id)).toEqual([missing.id, get.id]);
    expect(await by('connection=second-filter')).toEqual([slow.id, large.id]);
    expect(await by('method=delete')).toEqual([missing.id]);
    expect(await by('status=404')).toEqual([missing.id]);
    expect(await by('status=2xx&connection=first-filter')).toEqual([get.id]);
    expect(await by('outcome=answered&connection=first-filter')).toEqual([missing.id, get.id]);
    expect(await by('outcome=failed')).toEqual([]);
    expect((await list('kind=token&connection=first-filter')).map(({ kind }) => kind)).toEqual(['token']);
    expect(await by('generation=1&connection=first-filter')).toEqual([missing.id, get.id]);
    expect(await by('generation=99')).toEqual([]);
    expect(await by('sentBy=API+key+owner+for+a+test')).toEqual([slow.id]);
    expect(await by('minMs=250')).toEqual([slow.id]);
    expect(await by('minBytes=5000')).toEqual([large.id]);
    expect(await by(`until=${until.toISOString()}`)).toEqual([large.id, missing.id, get.id]);
    expect((await list(`since=${until.toISOString()}&kind=call`)).map(({ id }) => id)).toEqual([slow.id]);
    expect(await list('since=2020-01-01&until=2020-01-02T00:00:00%2B02:00')).toEqual([]);
    expect(await list('since=2020-01-01T09:00Z&until=2020-01-02T09:00%2B02:00')).toEqual([]);
  });

  test('finds exchanges of a connection that is gone, here and on the page', async () => {
    const slug = await connected(world, {}, { name: 'Gone', slug: 'soon-gone' });
    const { id } = await sent(slug, { method: 'GET', path: '/orders' });
    expect((await world.owner.ask('DELETE', `/api/v1/connections/${slug}`)).status).toBeLessThan(300);

    expect((await list('connection=soon-gone&kind=call')).map((one) => one.id)).toEqual([id]);
    const page = await world.browser.get('/exchanges?connection=soon-gone&kind=token');
    expect([page.status, page.text.includes('Token call'), page.text.includes(id)]).toEqual([200, true, false]);
    expect((await world.browser.get('/exchanges?connection=soon-gone&kind=call')).text).toContain(id);
  });

  test('leads through 250 of them once each, newest first, while more come, filters kept', async () => {
    const slug = await connected(world, {}, { name: 'Many', slug: 'many', width: 32 });
    for (let round = 0; round < 10; round += 1)
      await Promise.all(Array.from({ length: 25 }, () => send(slug, { method: 'GET', path: '/orders' })));
    const before = rowsOf(
      world.app.databaseFile,
      `select id from exchange where connection_slug = 'many' and kind = 'call' order by started_at desc, id desc`,
    ).map(({ id }) => id);

    const seen: string[] = [];
    let pages = 0;
    for (let next: string | null = '/api/v1/exchanges?connection=many&kind=call&status=2xx&limit=40'; next !== null;) {
      const reply = await world.viewer.ask('GET', next);
      const page = reply.json<Page>();
      seen.push(...page.items.map(({ id }) => id));
      pages += 1;
      await send(slug, { method: 'GET', path: '/orders' });
      await send(slug, { method: 'GET', path: '/status/404' });
      next = page.next;
      if (next !== null)
        expect(next).toMatch(/^\/api\/v1\/exchanges\?connection=many&kind=call&status=2xx&limit=40&cursor=/);
    }

    expect([before.length, pages]).toEqual([250, 7]);
    expect(seen).toEqual(before);
  });

  test('refuses what is no filter, each with a pointer', async () => {
    const cursor = (value: unknown) => `cursor=${Buffer.from(JSON.stringify(value)).toString('base64url')}`;
    for (const [query, pointer] of [
      ['q=', '/q'],
      [`q=${'x'.repeat(501)}`, '/q'],
      ['words=x', '/words'],
      ['pinned=perhaps', '/pinned'],
      ['status=600', '/status'],
      ['status=4', '/status'],
      ['outcome=lost', '/outcome'],
      ['kind=phone', '/kind'],
      ['method=GET%20/x', '/method'],
      ['generation=-1', '/generation'],
      ['minMs=1.5', '/minMs'],
      ['minBytes=many', '/minBytes'],
      ['since=yesterday', '/since'],
      ['until=2026-13-01', '/until'],
      ['until=2026-11-22T10:00:00', '/until'],
      ['limit=0', '/limit'],
      ['limit=101', '/limit'],
      ['connection=', '/connection'],
      ['connection=a&connection=b', '/connection'],
      ['cursor=nonsense', '/cursor'],
      [cursor([1, 'x']), '/cursor'],
      [cursor([9e15, '0193d5a0-0000-7000-8000-000000000000']), '/cursor'],
      [cursor([1, '0193d5a0-0000-7000-8000-000000000000', 2]), '/cursor'],
    ] as const) {
      const reply = await world.viewer.ask('GET', `/api/v1/exchanges?${query}`);
      expect([query, reply.status, pointers(reply)]).toEqual([query, 422, [pointer]]);
    }
    const several = await world.viewer.ask('GET', '/api/v1/exchanges?status=x&limit=x&x=x');
    expect(pointers(several).toSorted()).toEqual(['/limit', '/status', '/x']);
  });
});

describe('what programs see of exchanges', () => {
  test('holds no secret, in any reply', async () => {
    const slug = await connected(world, pastedGrant(world), { name: 'Echoing' });
    await sent(slug, { method: 'POST', path: '/echo?as=raw,base64,hex', body: 'x' });
    await world.owner.ask('POST', `/api/v1/connections/${slug}/grant/renewals`);
    await world.owner.ask('DELETE', `/api/v1/connections/${slug}/grant`);

    const texts: string[] = [];
    for (let next: string | null = '/api/v1/exchanges?limit=100'; next !== null;) {
      const reply = await world.viewer.ask('GET', next);
      texts.push(reply.text);
      const page = reply.json<Page>();
      for (const { id, connection } of page.items.filter((item) => item.connection === slug)) {
        expect(connection).toBe(slug);
        for (const part of ['', '/request-body', '/response-body'])
          texts.push((await world.viewer.ask('GET', `/api/v1/exchanges/${id}${part}`)).text);
      }
      next = page.next;
    }
    const secrets = world.provider.secrets();
    expect(secrets.length).toBeGreaterThan(3);
    expect(secrets.filter((secret) => texts.some((text) => text.includes(secret)))).toEqual([]);
  });

  test('ends at the workspace', async () => {
    const slug = await connected(world);
    const { id } = await sent(slug, { method: 'POST', path: '/orders', body: 'x' });
    const stranger = await join(world.app, 'owner', 'elsewhere');
    const elsewhere = new Program(world.app.url, withKey(await newKey(stranger, 'owner')), world.described);

    for (const path of ['', '/request-body', '/response-body'])
      expect((await elsewhere.ask('GET', `/api/v1/exchanges/${id}${path}`)).problem).toBe('not-found');
    expect((await elsewhere.ask('POST', `/api/v1/exchanges/${id}/replays`)).problem).toBe('not-found');
    expect((await elsewhere.ask('GET', `/api/v1/exchanges?connection=${slug}`)).json()).toEqual({
      items: [],
      next: null,
    });
    const call = { json: { method: 'GET', path: '/' } };
    expect((await elsewhere.ask('POST', `/api/v1/connections/${slug}/exchanges`, call)).problem).toBe('not-found');
  });

  test.each(['nonsense', '01930000-0000-7000-8000-000000000000', '%00', 'x'.repeat(500)])(
    'is nothing under an id that is none: %s',
    async (id) => {
      for (const part of ['', '/request-body', '/response-body'])
        expect((await world.viewer.ask('GET', `/api/v1/exchanges/${id}${part}`)).problem).toBe('not-found');
    },
  );
});
