import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { session } from '../../../src/db/session.ts';
import { withSystem } from '../../../src/db/system.ts';
import { Connection } from '../../../src/model/connection.ts';
import { OWNER } from '../../support/app.ts';
import { type Listening, listen } from '../../support/listening.ts';
import { join } from '../../support/people.ts';
import { openStage, type Stage } from '../grants/stage.ts';

let stage: Stage;
let issuer: Listening;
/** What the issuer publishes, what it says about keeping it, and how often it was asked. */
const published = { named: '', tokenUrl: '', cacheControl: 'max-age=3600', status: 200, asked: 0, movedAsked: 0 };
beforeAll(async () => {
  stage = await openStage();
  issuer = await listen(async (request, response) => {
    if (request.url === '/moved') {
      published.movedAsked += 1;
      return void response.writeHead(400).end();
    }
    if (!request.url?.startsWith('/.well-known/oauth-authorization-server')) return void response.writeHead(404).end();
    published.asked += 1;
    const { named, tokenUrl, cacheControl, status } = published;
    response.writeHead(status, { 'content-type': 'application/json', 'cache-control': cacheControl });
    response.end(JSON.stringify({ issuer: named, token_endpoint: tokenUrl }));
  });
});
afterAll(async () => {
  await issuer[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
});
beforeEach(async () => {
  stage.app.clock.advance(20 * 60_000);
  await stage.owner.post('/sign-in', OWNER);
  // Connections of earlier tests are no longer in use.
  await withSystem(() => session.nativeUpdate(Connection, {}, { lastCallAt: null }));
  const tokenUrl = `${stage.provider.origin}/token`;
  Object.assign(published, { named: issuer.origin, tokenUrl, cacheControl: 'max-age=3600', status: 200 });
});

const look = () => stage.app.running.workings.metadataWatch.look();
const use = (slug: string) =>
  withSystem(() => session.nativeUpdate(Connection, { slug }, { lastCallAt: stage.app.clock.now() }));
/** A connection with a grant that was used just now. */
async function used(): Promise<string> {
  const { slug } = await stage.hold({ issuer: issuer.origin });
  await use(slug);
  return slug;
}
const grantPage = async (slug: string, who = stage.owner) => (await who.get(`/connections/${slug}/grant`)).text;
const asked = async (work: () => Promise<unknown>) => {
  const before = published.asked;
  await work();
  return published.asked - before;
};
const patch = (slug: string, auth: object) => stage.owner.patchJson(`/api/v1/connections/${slug}`, { auth });
const secrets = () => {
  const { refreshToken } = stage.provider.issueGrant();
  return { clientSecret: stage.provider.clientSecret, refreshToken };
};
const moved = () => `${issuer.origin}/moved`;
const TITLE = 'The issuer names another token endpoint';

describe('what an issuer publishes', () => {
  test('is read once and counts as long as it says', async () => {
    const slug = await used();

    expect(await asked(look)).toBe(1);
    stage.app.clock.advance(3_500_000);
    expect(await asked(look)).toBe(0);
    stage.app.clock.advance(200_000);
    expect(await asked(look)).toBe(1);
    expect(await grantPage(slug)).not.toContain(TITLE);
  });

  test('is read again after a day, however long it is said to count', async () => {
    const slug = await used();
    published.cacheControl = 'max-age=31536000';
    await look();
    stage.app.clock.advance(23 * 3_600_000);
    await use(slug);

    expect(await asked(look)).toBe(0);
    stage.app.clock.advance(3_700_000);
    expect(await asked(look)).toBe(1);
  });

  test('is read again while the token endpoint fails, every quarter of an hour at most', async () => {
    const slug = await used();
    await look();
    await stage.plant(slug, { state: 'misconfigured', reason: 'redirect' });
    stage.app.clock.advance(14 * 60_000);
    expect(await asked(look)).toBe(0);
    stage.app.clock.advance(2 * 60_000);

    expect(await asked(look)).toBe(1);
    expect(await asked(look)).toBe(0);
  });

  test('is asked for by one process only', async () => {
    await used();

    expect(await asked(() => Promise.all([look(), look(), look()]))).toBe(1);
  });

  test('is not asked for where a connection is out of use or has no issuer', async () => {
    await stage.hold({ issuer: issuer.origin });
    const { slug } = await stage.hold();
    await use(slug);

    expect(await asked(look)).toBe(0);
  });

  test.each([
    ['an answer of another issuer', { named: 'https://other.example' }],
    ['no answer', { status: 500 }],
    ['an endpoint without TLS on another machine', { tokenUrl: 'http://id.example/token' }],
  ])('changes nothing and tells nothing when it is %s', async (_what, change) => {
    const slug = await used();
    Object.assign(published, { tokenUrl: moved() }, change);

    expect(await asked(look)).toBe(1);
    expect(await grantPage(slug)).not.toContain(TITLE);
    expect(stage.app.log()).toContain('The issuer could not be read.');
  });
});

describe('a token endpoint that moved', () => {
  async function movedAway(): Promise<string> {
    const slug = await used();
    published.tokenUrl = moved();
    await look();
    return slug;
  }

  test('is told on the grant’s page and in a banner, and never asked by itself', async () => {
    const slug = await movedAway();

    const html = await grantPage(slug);
    expect(html).toContain(TITLE);
    expect(html).toContain(`<code>${moved()}</code>`);
    expect((await stage.owner.get('/')).text).toContain('names another token endpoint now');
    await stage.renew(slug);
    expect([(await stage.grant(slug)).generation, published.movedAsked]).toEqual([2, 0]);
  });

  test('is used after an owner has looked at it in the form and saved, by the rules of every edit', async () => {
    const slug = await movedAway();
    const form = (await stage.owner.get(`/connections/${slug}/edit?endpoint=named`)).text;
    expect(form).toContain(`value="${moved()}"`);
    expect(form).toContain('Nothing is changed until you save; no secret goes along to another address');
    expect((await stage.owner.get(`/connections/${slug}/edit`)).text).not.toContain(`value="${moved()}"`);

    // Another origin: what is held must not go there by itself.
    expect((await patch(slug, { tokenUrl: moved() })).status).toBe(422);
    expect(await grantPage(slug)).toContain(TITLE);
    const saved = await patch(slug, { tokenUrl: moved(), ...secrets() });

    expect(saved.json()).toMatchObject({ auth: { tokenUrl: moved() } });
    expect(await grantPage(slug)).not.toContain(TITLE);
  });

  test('is not told again once an owner keeps the old one, until it moves again', async () => {
    const slug = await movedAway();
    const refused = await stage.owner.post(`/connections/${slug}/grant/endpoint-refusals`, { tokenUrl: moved() });

    expect(refused.status).toBe(303);
    expect(await grantPage(slug)).not.toContain(TITLE);
    published.tokenUrl = `${issuer.origin}/moved-again`;
    stage.app.clock.advance(3_700_000);
    await look();
    expect(await grantPage(slug)).toContain(`${issuer.origin}/moved-again`);
  });

  test('that moved once more while an owner refused the last one is told all the same', async () => {
    const slug = await movedAway();
    await stage.owner.post(`/connections/${slug}/grant/endpoint-refusals`, { tokenUrl: 'https://id.example/older' });

    expect(await grantPage(slug)).toContain(TITLE);
  });

  test('is for owners to decide', async () => {
    const slug = await movedAway();
    const editor = await join(stage.app, 'editor');

    expect(await grantPage(slug, editor)).toContain(TITLE);
    expect(await grantPage(slug, editor)).not.toContain('Keep ours');
    const tried = await editor.post(`/connections/${slug}/grant/endpoint-refusals`, { tokenUrl: moved() });
    expect(tried.status).toBe(403);
    expect(await grantPage(slug)).toContain(TITLE);
  });

  test('is forgotten with its issuer', async () => {
    const slug = await movedAway();
    const saved = await patch(slug, { issuer: null, ...secrets() });

    expect(saved.json()).toMatchObject({ auth: { issuer: null } });

    expect(await grantPage(slug)).not.toContain(TITLE);
  });
});
