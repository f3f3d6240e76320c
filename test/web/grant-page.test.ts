import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { session } from '../../src/db/session.ts';
import { withSystem } from '../../src/db/system.ts';
import { Exchange } from '../../src/model/exchange.ts';
import { openStage, type Stage } from '../services/grants/stage.ts';
import { type Listening, listen } from '../support/listening.ts';
import { join } from '../support/people.ts';
import { receive, type Received } from '../support/received.ts';

let stage: Stage;
let asked: Received[];
let answer: { status: number; body: string };
let introspection: Listening;
beforeAll(async () => {
  stage = await openStage();
  asked = [];
  introspection = await listen(async (request, response) => {
    asked.push(await receive(request));
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
  });
});
afterAll(async () => {
  await introspection[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
});

const page = async (slug: string, browser = stage.owner) => (await browser.get(`/connections/${slug}/grant`)).text;
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const SIGNATURE = 'c2lnbmF0dXJlLXRoYXQtbm9ib2R5LXNlZXM';

describe('the page of a grant', () => {
  test('tells its life: what it holds, where it comes from, what was tried, and no token', async () => {
    const { slug } = await stage.hold({ scope: 'orders invoices' });
    stage.provider.next({ amend: { scope: 'orders extras' } });
    await stage.renew(slug);
    stage.provider.next({ status: 503 });
    await stage.renew(slug);

    const html = await page(slug);

    for (const words of ['Nothing to do: it is renewed by itself.', '1 to 2', 'put off', 'granted', 'http-503'])
      expect(html).toContain(words);
    expect(html).toContain('not given: invoices; given besides: extras');
    const [attempt] = await stage.attempts(slug);
    expect(html).toContain(`href="/exchanges/${attempt?.exchangeId}"`);
    expect(html).toContain(`href="/exchanges?connection=${slug}&amp;kind=token"`);
    expect(stage.provider.secrets().filter((secret) => html.includes(secret))).toEqual([]);
    expect((await stage.owner.get(`/connections/${slug}`)).text).toContain(`href="/connections/${slug}/grant"`);
  });

  test('turns over attempts page by page', async () => {
    const { slug } = await stage.hold();
    for (let number = 0; number < 21; number += 1) await stage.renew(slug);

    const first = await page(slug);
    const older = /href="([^"]+)" rel="next">Older/.exec(first)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const second = (await stage.owner.get(older)).text;

    const rows = (html: string) => html.match(/<td class="happened">/g)?.length;
    expect([rows(first), rows(second)]).toEqual([20, 1]);
    expect(second).toContain('The newest');
    expect((await stage.owner.get(`/connections/${slug}/grant?cursor=nonsense`)).status).toBe(422);
  });

  test('comes back to itself after a renewal from it', async () => {
    const { slug } = await stage.hold();

    const reply = await stage.owner.post(`/connections/${slug}/grant/renewals`, { back: 'grant' });

    expect(reply.location).toBe(`/connections/${slug}/grant`);
  });

  test.each([
    ['consent-needed', { reason: 'invalid_grant' }, 'Paste a refresh token: until then no call leaves.', false],
    ['misconfigured', { reason: 'invalid_client' }, 'Check the client id, its secret', true],
    ['ambiguous', { failures: 2 }, 'after 2 of 3 recovery tries', true],
    ['ambiguous', { failures: 3 }, 'All 3 recovery tries went unanswered.', true],
  ])('says what to do next, and lets renew where that can help: %s', async (state, columns, words, renews) => {
    const { slug } = await stage.hold();
    await stage.plant(slug, { state, ...columns });

    const html = await page(slug);

    expect(html).toContain(words);
    expect(html.includes('name="back" value="grant"')).toBe(renews);
  });

  test('without OAuth says that there is nothing to keep', async () => {
    expect(await page(await stage.connect({ authType: 'none' }))).toContain('there is no grant to keep');
  });
});

describe('an access token that is a JWT', () => {
  const hold = (claims: object) => {
    const accessToken = `${part({ alg: 'ES256', typ: 'at+jwt' })}.${part(claims)}.${SIGNATURE}`;
    return stage.hold({ accessToken });
  };

  test('is shown decoded to editors, without its signature, with secrets masked, and to no viewer', async () => {
    const exp = Math.floor(stage.app.clock.now().getTime() / 1000) + 3_700;
    const { slug, refreshToken } = await hold({ sub: 'ada-lovelace', exp, nested: { '<b>': 1 }, act: 'x' });
    await stage.plant(slug, {});
    const [editor, viewer] = [await join(stage.app, 'editor'), await join(stage.app, 'viewer')];

    const html = await page(slug, editor);

    for (const words of ['ES256', 'ada-lovelace', 'in 1 h 0', '{&quot;&lt;b&gt;&quot;:1}', 'nothing here is trusted'])
      expect(html).toContain(words);
    for (const secret of [SIGNATURE, refreshToken, part({ alg: 'ES256', typ: 'at+jwt' })])
      expect(html).not.toContain(secret);
    expect(await page(slug, viewer)).not.toContain('ada-lovelace');
  });

  test('may repeat a secret of the connection: that is masked', async () => {
    const { slug } = await hold({ client: stage.provider.clientSecret });

    expect(await page(slug)).not.toContain(stage.provider.clientSecret);
  });
});

describe('asking the provider whether the token is good', () => {
  const held = () => stage.hold({ introspectionUrl: `${introspection.origin}/introspect` });
  const ask = (slug: string, browser = stage.owner) => browser.post(`/connections/${slug}/grant/introspections`, {});

  test('is one call on record, with the token masked, and tells what it says', async () => {
    const { slug } = await held();
    answer = { status: 200, body: JSON.stringify({ active: true, username: 'ada', scope: 'orders' }) };

    const reply = await ask(slug);
    const html = (await stage.owner.get(reply.location)).text;

    expect(reply.status).toBe(303);
    const form = new URLSearchParams(asked.at(-1)?.body.toString());
    expect([form.get('token_type_hint'), form.get('token')]).toEqual([
      'access_token',
      expect.stringMatching(/^access-/),
    ]);
    for (const words of ['the access token is good', 'username', 'ada']) expect(html).toContain(words);
    const [exchange] = await withSystem(() => session.find(Exchange, { kind: 'introspection', connectionSlug: slug }));
    expect(exchange).toMatchObject({ outcome: 'answered', status: 200, sentBy: 'owner@example.org', generation: 1 });
    expect(await stage.leaks()).toEqual([]);
    expect(await stage.grant(slug)).toMatchObject({ state: 'held', generation: 1 });
  });

  test.each([
    [200, '{"active":false}', 'of no use'],
    [200, '{"active":"true"}', 'does not say whether'],
    [200, '<h1>Hello</h1>', 'cannot be read as JSON'],
    [401, '{"error":"invalid_client"}', 'does not let this client ask'],
    [503, '', 'did not say (503)'],
  ])('%d %s: %s', async (status, body, words) => {
    const { slug } = await held();
    answer = { status, body };

    const html = (await stage.owner.get((await ask(slug)).location)).text;

    expect(html).toContain(words);
    expect(html).not.toContain('the access token is good');
  });

  test('is for editors, of tokens that are held, and shown under its own connection', async () => {
    const { slug } = await held();
    const other = await stage.connect({ name: 'Other' });
    answer = { status: 200, body: '{"active":true}' };
    const { location } = await ask(slug);

    expect((await ask(slug, await join(stage.app, 'viewer'))).status).toBe(403);
    expect((await ask(other)).status).toBe(409);
    expect((await ask((await stage.hold()).slug)).status).toBe(409);
    expect((await stage.owner.get(location.replace(slug, other))).status).toBe(404);
  });
});
