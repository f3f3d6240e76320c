import { describe, expect, test } from '@jest/globals';
import { openApp } from '../support/app.ts';
import { ownWorkMs } from '../support/own-work.ts';

const MiB = 2 ** 20;
/** As many times the work of a plain form of that size. The parsers this stands against took hundreds of times as much. */
const MOST = 12;
const MADE = { name: 'A', slug: 'a', baseUrl: 'http://127.0.0.1:9', timeoutMs: '1000', width: '8', authType: 'none' };

describe('a large form made to hold everybody up', () => {
  test.each([
    ['half a million fields', 'a&'.repeat(MiB / 2), 400],
    ['one field of nothing but spaces', `path=/${'+'.repeat(6 * MiB)}x`, 422],
    ['one field of nothing but escapes', `path=${'%41'.repeat(2 * MiB)}`, 422],
  ])('of %s is answered with little work', async (_what, form, status) => {
    await using app = await openApp();
    const owner = await app.owner();
    await owner.post('/connections', MADE);
    const workOf = (body: string, answered: number) =>
      ownWorkMs(async () => {
        const reply = await fetch(new URL('/connections/a/exchanges', app.url), {
          method: 'POST',
          body,
          headers: {
            accept: 'application/json',
            'content-type': 'application/x-www-form-urlencoded',
            'sec-fetch-site': 'same-origin',
            cookie: [...owner.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
          },
        });
        expect(reply.status).toBe(answered);
        await reply.body?.cancel();
      });
    const plain = await workOf(`path=/${'a'.repeat(6 * MiB)}`, 422);

    expect((await workOf(form, status)) / plain).toBeLessThan(MOST);
  });
});

describe('a composed call that is no call', () => {
  test.each([
    ['path', `/${'a'.repeat(9000)}`],
    ['path', `/?q=${'é'.repeat(3000)}`],
    ['headers', `X-Long: ${'a'.repeat(70_000)}`],
    ['headers', Array.from({ length: 90 }, (_, at) => `X-${at}: ${'a'.repeat(1000)}`).join('\n')],
  ])('because its %s is too long is not recorded', async (field, text) => {
    await using app = await openApp();
    const owner = await app.owner();
    await owner.post('/connections', MADE);
    const call = { method: 'GET', path: '/', headers: '', body: '', contentType: 'none', [field]: text };

    expect((await owner.post('/connections/a/exchanges', call)).status).toBe(422);
    expect((await owner.get('/exchanges')).text).not.toContain('/exchanges/0');
  });
});

describe('a form with names that objects have by themselves', () => {
  test('changes nothing for anybody', async () => {
    await using app = await openApp();
    const owner = await app.owner();

    const reply = await owner.post('/connections', { ['__proto__']: 'x', constructor: 'y', authType: 'constructor' });
    expect(reply.status).toBe(422);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
    expect((await owner.get('/connections')).status).toBe(200);
  });
});
