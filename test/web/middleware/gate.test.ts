import { describe, expect, test } from '@jest/globals';
import { openKeyedHouse } from '../keyed-house.ts';

const MINUTE_MS = 60_000;
const WRONG = `cbk_${'x'.repeat(43)}`;
const JSON_TYPE = { 'content-type': 'application/json' };
const asBearer = (key: string) => ({ authorization: `Bearer ${key}` });
const asker = (text: string) => (JSON.parse(text) as { asker: unknown }).asker;
const cases = (path: string) => [path, path.toUpperCase(), path.replace(/^\/./, (start) => start.toUpperCase())];

describe('a program with a right key', () => {
  test.each(['/api/v1/things', '/_token_refresh', '/proxy/partner/orders'])('is known on %s', async (path) => {
    await using house = await openKeyedHouse();
    const { id, key } = await house.box.make('editor');

    const reply = await house.server.ask(path, { headers: asBearer(key) });

    expect(reply.status).toBe(200);
    expect(asker(reply.text)).toMatchObject({ by: 'api-key', keyId: id, role: 'editor' });
  });

  test.each(['bearer', 'BEARER', 'Bearer '])('may write the scheme as "%s"', async (scheme) => {
    await using house = await openKeyedHouse();
    const { key } = await house.box.make('viewer');

    const { status } = await house.server.ask('/api/v1/things', { headers: { authorization: `${scheme} ${key}` } });

    expect(status).toBe(200);
  });

  test('may send it to the relay in a header of its own, beside whatever is for the API', async () => {
    await using house = await openKeyedHouse();
    const { key } = await house.box.make('editor');
    const ask = (headers: Record<string, string>) => house.server.ask('/proxy/partner/orders', { headers });

    expect(await ask({ 'callbook-key': key })).toMatchObject({ status: 200 });
    expect(await ask({ 'callbook-key': key, authorization: 'Bearer of-the-client' })).toMatchObject({ status: 200 });
    expect(await ask({ 'callbook-key': key, authorization: 'Basic YTpi' })).toMatchObject({ status: 200 });
  });

  test('is not known elsewhere by that header', async () => {
    await using house = await openKeyedHouse();
    const { key } = await house.box.make('owner');

    expect(await house.server.ask('/api/v1/things', { headers: { 'callbook-key': key } })).toMatchObject({
      status: 401,
    });
  });

  test.each(['/api/v1/things', '/proxy/partner/orders'])('may not send two of them to %s', async (path) => {
    await using house = await openKeyedHouse();
    const { key } = await house.box.make('owner');

    const reply = await house.server.ask(path, { headers: { ...asBearer(key), 'callbook-key': key } });

    expect(reply).toMatchObject({ status: 400, headers: { 'callbook-problem': 'malformed' } });
  });

  test('is not known to pages', async () => {
    await using house = await openKeyedHouse();
    const { key } = await house.box.make('owner');

    const reply = await house.server.ask('/page', { headers: { ...asBearer(key), accept: 'text/html' } });

    expect(reply).toMatchObject({ status: 303, headers: { location: '/sign-in?next=%2Fpage' } });
  });

  test('is known by it even where a sign-in comes along', async () => {
    await using house = await openKeyedHouse();
    const { key } = await house.box.make('viewer');
    const cookie = await house.cookie();
    const ask = (bearer: string) => house.server.ask('/api/v1/things', { headers: { ...asBearer(bearer), cookie } });

    expect(asker((await ask(key)).text)).toMatchObject({ by: 'api-key', role: 'viewer' });
    expect(await ask(WRONG)).toMatchObject({ status: 401 });
  });

  test.each([
    ['viewer', [200, 403, 403]],
    ['editor', [200, 200, 403]],
    ['owner', [200, 200, 200]],
  ] as const)('may do what a %s may', async (role, expected) => {
    await using house = await openKeyedHouse();
    const { key } = await house.box.make(role);

    const replies = [];
    for (const method of ['GET', 'POST', 'DELETE']) {
      replies.push(await house.server.ask('/api/v1/things', { method, headers: asBearer(key) }));
    }

    expect(replies.map(({ status }) => status)).toEqual(expected);
  });
});

describe('a key that opens nothing', () => {
  test('gets the same answer whatever is wrong with it', async () => {
    await using house = await openKeyedHouse();
    const { box } = house;
    const revoked = await box.make('owner');
    await box.inWorkspace(() => box.apiKeys.revoke(null, revoked.id));
    const expired = await box.make('owner', new Date(box.clock.now().getTime() + MINUTE_MS));
    box.pass(MINUTE_MS);

    const answers = [];
    for (const bearer of [WRONG, revoked.key, expired.key, 'sk-of-somebody-else', '']) {
      const { status, headers, text } = await house.server.ask('/api/v1/things', { headers: asBearer(bearer) });
      const { 'content-security-policy': _nonce, date: _date, ...others } = headers;
      answers.push(JSON.stringify([status, others, text]));
    }

    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toContain('"www-authenticate":"Bearer realm=\\"callbook\\""');
    expect(answers[0]).toMatch(/^\[401,.*"callbook-problem":"not-signed-in"/);
  });

  test('is limited by address, which holds up no right key', async () => {
    await using house = await openKeyedHouse();
    const { key } = await house.box.make('viewer');
    const from = (address: string, bearer: string) =>
      house.server.ask('/api/v1/things', { headers: { ...asBearer(bearer), 'x-forwarded-for': address } });
    for (let time = 0; time < 30; time += 1) expect((await from('203.0.113.9', WRONG)).status).toBe(401);

    const refused = await from('203.0.113.9', WRONG);

    expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': '300', 'callbook-problem': 'too-many' } });
    expect((await from('203.0.113.9', key)).status).toBe(200);
    expect((await from('203.0.113.10', WRONG)).status).toBe(401);
  });

  test('is none where the token is for the API behind the relay', async () => {
    await using house = await openKeyedHouse();
    const headers = { ...asBearer('of-the-client'), 'x-forwarded-for': '203.0.113.9' };

    for (let time = 0; time < 40; time += 1) {
      expect((await house.server.ask('/proxy/partner/orders', { headers })).status).toBe(401);
    }
  });
});

describe('somebody signed in', () => {
  test.each([...cases('/proxy/partner/orders')])('is nobody on %s', async (path) => {
    await using house = await openKeyedHouse();
    const cookie = await house.cookie();

    for (const method of ['GET', 'POST']) {
      const headers = { cookie, 'sec-fetch-site': 'same-origin', accept: 'text/html' };
      expect((await house.server.ask(path, { method, headers })).status).toBe(401);
    }
  });

  test.each([...cases('/api/v1/things')])('is asked on %s whether a page of ours is asking', async (path) => {
    await using house = await openKeyedHouse();
    const cookie = await house.cookie();
    const post = (site: Record<string, string>) =>
      house.server.ask(path, { method: 'POST', headers: { cookie, ...JSON_TYPE, ...site }, body: '{}' });

    expect((await post({})).status).toBe(403);
    expect((await post({ 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await post({ 'sec-fetch-site': 'same-origin' })).status).toBe(200);
  });
});

describe('a path of programs, in whatever case', () => {
  test.each([...cases('/api/v1/things'), ...cases('/proxy/partner/orders')])(
    'takes a key on %s and asks nothing of where it comes from',
    async (path) => {
      await using house = await openKeyedHouse();
      const { key } = await house.box.make('editor');
      const headers = { ...asBearer(key), ...JSON_TYPE, 'sec-fetch-site': 'cross-site', host: 'elsewhere.example' };

      const reply = await house.server.ask(path, { method: 'POST', headers, body: '{}' });

      expect(reply.status).toBe(200);
      expect(asker(reply.text)).toMatchObject({ by: 'api-key' });
    },
  );

  test.each([...cases('/proxy/partner/orders')])('leaves the body of %s to the relay', async (path) => {
    await using house = await openKeyedHouse();
    const { key } = await house.box.make('editor');

    const reply = await house.server.ask(path, {
      method: 'POST',
      headers: { ...asBearer(key), ...JSON_TYPE },
      body: '{',
    });

    expect(reply.status).toBe(200);
    expect(JSON.parse(reply.text)).toMatchObject({ body: { kind: 'none' } });
  });

  test.each(['/%70roxy/partner/orders', '//proxy/partner/orders', '/%61pi/v1/things', '/./api/v1/things'])(
    'is not one that is spelt %s, for nobody',
    async (path) => {
      await using house = await openKeyedHouse();
      const { key } = await house.box.make('owner');
      const cookie = await house.cookie();

      expect((await house.server.ask(path, { headers: asBearer(key) })).status).toBe(404);
      expect((await house.server.ask(path, { headers: { cookie } })).status).toBe(404);
    },
  );
});
