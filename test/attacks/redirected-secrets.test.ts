import { describe, expect, test } from '@jest/globals';
import { openApi } from '../support/api.ts';
import { openApp } from '../support/app.ts';
import type { Client } from '../support/client.ts';

const KEY = 'key-of-the-connection-7f3a';
const TYPED = 'typed-by-hand-55aa';

/** A connection that puts its key into the query, an API that sends its callers on, and the place they are sent to. */
async function stage() {
  const [app, home, foreign] = [await openApp(), await openApi(), await openApi()];
  const owner = await app.owner();
  await owner.post('/connections', {
    name: 'Keyed',
    slug: 'keyed',
    baseUrl: home.origin,
    timeoutMs: '5000',
    width: '8',
    authType: 'apiKey',
    apiKeyIn: 'query',
    apiKeyName: 'api_key',
    apiKeyValue: KEY,
  });
  const dispose = async () => {
    for (const one of [app, home, foreign]) await one[Symbol.asyncDispose]();
  };
  return { owner, home, foreign, [Symbol.asyncDispose]: dispose };
}

function sentOn(owner: Client, to: string, headers = ''): Promise<string> {
  return owner.call('keyed', 'GET', `/redirect?to=${encodeURIComponent(to)}`, { headers });
}

describe('a redirect to a foreign origin', () => {
  test('is not followed where its address repeats the key, encoded or not', async () => {
    await using at = await stage();
    await sentOn(at.owner, `${at.foreign.origin}/orders?api_key=${KEY}`);
    await sentOn(at.owner, `${at.foreign.origin}/orders?was=${Buffer.from(`/?api_key=${KEY}`).toString('base64url')}`);

    expect(at.home.log).toHaveLength(2);
    expect(at.foreign.log).toEqual([]);
  });

  test('takes no header along that the record would mask, and every other one', async () => {
    await using at = await stage();
    await sentOn(
      at.owner,
      `${at.foreign.origin}/orders?X-Amz-Signature=of-its-own`,
      `X-Auth-Token: ${TYPED}\nX-Plain: yes`,
    );

    expect(at.foreign.log).toHaveLength(1);
    expect(JSON.stringify(at.foreign.log)).not.toContain(TYPED);
    expect(JSON.stringify(at.foreign.log)).toContain('X-Plain');
    expect(JSON.stringify(at.home.log)).toContain(TYPED);
  });

  test('within the connection keeps the typed header', async () => {
    await using at = await stage();
    await sentOn(at.owner, '/orders', `X-Auth-Token: ${TYPED}`);

    expect(at.home.log.map(({ headers }) => JSON.stringify(headers).includes(TYPED))).toEqual([true, true]);
  });
});
