import { describe, expect, test } from '@jest/globals';
import { openApp } from '../support/app.ts';
import { newKey } from '../support/keys.ts';

describe('JSON made to bring the API down', () => {
  test('however deep is read or refused, and many wrong fields make no large answer', async () => {
    await using app = await openApp();
    const key = await newKey(await app.owner(), 'owner');
    const send = (path: string, body: string) =>
      fetch(app.url + path, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', connection: 'close' },
        body,
      });
    const deep = ['['.repeat(400_000) + ']'.repeat(400_000), `${'{"auth":'.repeat(90_000)}1${'}'.repeat(90_000)}`];
    for (const body of deep) {
      expect((await send('/api/v1/connections', body)).status).toBe(422);
      expect((await send('/api/v1/connections/partner/grant/renewals', body)).status).toBe(422);
    }
    const wide = `{${Array.from({ length: 80_000 }, (_, at) => `"k${at}":1`).join(',')}}`;
    const refused = await send('/api/v1/connections', wide);
    const { errors } = (await refused.json()) as { errors: unknown[] };
    expect([refused.status, errors.length]).toEqual([422, 100]);

    const long = `{"method":"GET","path":"/","query":[${'1,'.repeat(1_000_000)}1]}`;
    const counted = await send('/api/v1/connections/partner/exchanges', long);
    expect(((await counted.json()) as { errors: unknown[] }).errors).toMatchObject([{ pointer: '/query' }]);
    expect(app.log()).not.toContain('nobody foresaw');
  }, 60_000);
});
