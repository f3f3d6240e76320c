import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { session } from '../../../src/db/session.ts';
import { withSystem } from '../../../src/db/system.ts';
import { Exchange } from '../../../src/model/exchange.ts';
import { OWNER } from '../../support/app.ts';
import { Client } from '../../support/client.ts';
import type { Fault } from '../../support/faults.ts';
import { hold } from '../../support/provider.ts';
import { openStage, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

/** A connection by consent that holds a pasted grant already, of generation 1. */
const connected = (fields: Record<string, string> = {}) =>
  stage.hold({
    grantType: 'authorization_code',
    authorizationUrl: stage.provider.authorizationUrl,
    scope: 'orders',
    ...fields,
  });

/** From our page to the provider and to where it sends the browser back; the callback is not opened yet. */
async function consented(slug: string, browser: Client = stage.owner): Promise<URL> {
  const begun = await browser.post(`/connections/${slug}/consents`, {});
  const page = await browser.get(begun.location);
  const link = /href="(http[^"]*\/authorize\?[^"]*)"/.exec(page.text)?.[1]?.replaceAll('&amp;', '&') ?? '';
  const answer = await fetch(link, { redirect: 'manual' });
  return new URL(answer.headers.get('location') ?? '');
}

const open = (back: URL, browser: Client = stage.owner) => browser.get(`${back.pathname}${back.search}`);
const text = (html: string) => html.replaceAll(/<[^>]+>/g, ' ').replaceAll('&#39;', "'");

/** What a consent must not change when it fails. */
async function held(slug: string) {
  const { generation, fence, state, sealedAccessToken, sealedRefreshToken, expiresAt } = await stage.grant(slug);
  return { generation, fence, state, sealedAccessToken, sealedRefreshToken, expiresAt };
}

/** Another sign-in of the same person, that has the consent's cookie even so. */
async function elsewhere(): Promise<Client> {
  const browser = new Client(stage.app.url);
  await browser.post('/sign-in', OWNER);
  for (const [name, value] of stage.owner.cookies) if (name.includes('oauth')) browser.cookies.set(name, value);
  return browser;
}

describe('a person who consents', () => {
  test('comes back with a grant of the next generation, and it works', async () => {
    const { slug } = await connected();

    const reply = await open(await consented(slug));

    expect([reply.status, reply.location]).toEqual([303, `/connections/${slug}`]);
    expect(await stage.owner.told(slug)).toMatchObject({ state: 'fresh', generation: 2 });
    await stage.owner.call(slug, 'GET', '/orders');
    expect(stage.provider.isLive(stage.api.tokensSeen().at(-1) ?? '')).toBe(true);
    expect(await stage.tokenCalls(slug)).toMatchObject([
      { outcome: 'answered', status: 200, generation: 2, sentBy: OWNER.email },
    ]);
  });

  test('while the old grant is being renewed wins over the renewal', async () => {
    const { slug } = await connected();
    const back = await consented(slug);
    const renewal = hold('answer');
    stage.provider.next(renewal.fault);
    const renewed = stage.renew(slug);
    await renewal.reached;
    await open(back);
    const afterConsent = await held(slug);
    renewal.release();
    await renewed;

    expect(afterConsent).toMatchObject({ generation: 2, state: 'held' });
    expect(await held(slug)).toEqual(afterConsent);
    expect(await stage.attempts(slug)).toMatchObject([{ outcome: 'overtaken' }]);
  });

  test('out of every state that needs a person', async () => {
    for (const state of ['consent-needed', 'revoked', 'misconfigured', 'ambiguous', 'missing']) {
      const { slug } = await connected();
      await stage.plant(slug, { state, failures: 3, reason: 'planted' });

      await open(await consented(slug));

      expect(await stage.grant(slug)).toMatchObject({ state: 'held', generation: 2, failures: 0, reason: null });
    }
  });
});

describe('a consent that comes to nothing', () => {
  const changed = (back: URL, name: string, value: string) => {
    const url = new URL(back);
    url.searchParams.set(name, value);
    return url;
  };
  const answering = (fault: Fault) => async (back: URL) => {
    stage.provider.next(fault);
    return open(back);
  };
  const ROWS: [string, string, (back: URL) => ReturnType<typeof open>][] = [
    [
      'with a state of nobody',
      'belongs to no consent that was started here',
      (back) => open(changed(back, 'state', 'x'.repeat(43))),
    ],
    ['without a state', 'belongs to no consent that was started here', (back) => open(changed(back, 'state', ''))],
    ['in another sign-in', 'started by another sign-in', async (back) => open(back, await elsewhere())],
    ['with an error', 'Access was not granted', (back) => open(changed(back, 'error', 'access_denied'))],
    [
      'with an error of nobody',
      'refused the consent (strange_error)',
      (back) => open(changed(back, 'error', 'strange_error')),
    ],
    ['without a code', 'sent no code', (back) => open(changed(back, 'code', ''))],
    [
      'with a code that was never given',
      'refused the grant',
      (back) => open(changed(back, 'code', 'never-given-to-anybody')),
    ],
    ['with a page for an answer', 'neither JSON nor a form', answering({ status: 200, body: '<html>hello</html>' })],
    ['with JSON without a token', 'no usable access token', answering({ status: 200, body: {} })],
    [
      'with a refusal of the client',
      'does not accept the client',
      answering({ status: 401, body: { error: 'invalid_client' } }),
    ],
    ['with 503', 'cannot answer now (503)', answering({ status: 503 })],
    ['with a broken connection', 'closed before the answer was complete', answering('reset')],
  ];

  test.each(ROWS)('%s says so on the page and leaves the old grant untouched', async (_what, sentence, end) => {
    const { slug } = await connected();
    const before = await held(slug);

    const reply = await end(await consented(slug));

    expect(reply.status).toBe(422);
    expect(text(reply.text)).toContain(sentence);
    expect(await held(slug)).toEqual(before);
    expect(stage.provider.secrets().filter((secret) => reply.text.includes(secret))).toEqual([]);
  });

  test('because the cookie is gone, though the sign-in is the same', async () => {
    const { slug } = await connected();
    const before = await held(slug);
    const back = await consented(slug);
    for (const name of [...stage.owner.cookies.keys()].filter((name) => name.includes('oauth')))
      stage.owner.cookies.delete(name);

    const reply = await open(back);

    expect(reply.status).toBe(422);
    expect(text(reply.text)).toContain('started by another sign-in');
    expect(await held(slug)).toEqual(before);
  });

  test('because it took longer than ten minutes', async () => {
    const { slug } = await connected();
    const before = await held(slug);
    const back = await consented(slug);
    stage.app.clock.advance(600_001);

    const reply = await open(back);

    expect(reply.status).toBe(422);
    // The cookie has ended by then too, but the sentence is about time.
    expect(text(reply.text)).toContain('more than ten minutes ago');
    expect(await held(slug)).toEqual(before);
  });

  test('because another provider answers for ours', async () => {
    const { slug } = await connected({ issuer: stage.provider.origin });
    const before = await held(slug);
    const calls = await stage.callsDuring(async () => {
      const reply = await open(changed(await consented(slug), 'iss', 'https://evil.example'));

      expect(reply.status).toBe(422);
      expect(text(reply.text)).toContain('comes from another provider');
    });

    expect(calls).toBe(0);
    expect(await held(slug)).toEqual(before);
    expect((await open(await consented(slug))).status).toBe(303);
  });

  test('because it is opened a second time: the grant it brought stays', async () => {
    const { slug } = await connected();
    const back = await consented(slug);
    const cookies = new Map(stage.owner.cookies);
    await open(back);
    const before = await held(slug);
    for (const [name, value] of cookies) stage.owner.cookies.set(name, value);

    const calls = await stage.callsDuring(async () => {
      const reply = await open(back);

      expect(reply.status).toBe(422);
      expect(text(reply.text)).toContain('answered before');
    });

    expect(calls).toBe(0);
    expect(await held(slug)).toEqual(before);
  });

  test('because its code comes back under another consent of ours', async () => {
    const { slug } = await connected();
    const before = await held(slug);
    const [first, second] = [await consented(slug), await consented(slug)];

    const reply = await open(changed(second, 'code', first.searchParams.get('code') ?? ''));

    expect(reply.status).toBe(422);
    expect(text(reply.text)).toContain('refused the grant');
    expect(await held(slug)).toEqual(before);
  });
});

describe('two windows that open the same answer at once', () => {
  test('redeem its code once', async () => {
    const { slug } = await connected();
    const back = await consented(slug);

    const calls = await stage.callsDuring(async () => {
      const replies = await Promise.all([open(back), open(back)]);
      expect(replies.map(({ status }) => status).toSorted()).toEqual([303, 422]);
    });

    expect(calls).toBe(1);
  });
});

describe('the record of all of this', () => {
  test('holds no code, verifier, token or secret, and leaves nothing pending', async () => {
    const spent = stage.provider.secrets().map((secret) => secret.split('-')[0]);

    expect(new Set(spent).has('code')).toBe(true);
    expect(await stage.leaks()).toEqual([]);
    expect(await withSystem(() => session.count(Exchange, { outcome: 'pending' }))).toBe(0);
  });
});
