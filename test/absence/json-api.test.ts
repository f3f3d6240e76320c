import { describe, expect, test } from '@jest/globals';
import { everyForm, LEAKS } from '../support/leaky-api.ts';
import { placesOf } from '../support/absence.ts';
import { found } from '../support/residue.ts';
import { type LeakyWorld, openLeakyWorld, SECRETS, type Slug, SLUGS } from './leaky-world.ts';

const CANARY = 'a canary that nobody masks';
const CONNECTIONS = '/api/v1/connections';
const MERGE = { 'content-type': 'application/merge-patch+json' };

interface Page {
  readonly items: readonly { readonly id: string }[];
  readonly next: string | null;
}

/** Sends a call and looks at all that is kept of it. */
async function call(world: LeakyWorld, slug: Slug, json: Record<string, unknown>): Promise<void> {
  const sent = await world.ask('POST', `${CONNECTIONS}/${slug}/exchanges`, { json });
  expect(sent.status).toBe(201);
  await look(world, sent.json<{ id: string }>().id);
}

async function look(world: LeakyWorld, id: string): Promise<void> {
  for (const part of ['', '/request-body', '/response-body']) await world.ask('GET', `/api/v1/exchanges/${id}${part}`);
}

/** The ids of the whole history, page by page. */
async function everyId(world: LeakyWorld): Promise<string[]> {
  const ids: string[] = [];
  for (let next: string | null = '/api/v1/exchanges?limit=100'; next !== null;) {
    const page: Page = (await world.ask('GET', next)).json<Page>();
    ids.push(...page.items.map(({ id }) => id));
    next = page.next;
  }
  return ids;
}

/** Reads a connection, writes back what it read, and asks for changes that cannot be. */
async function patchInEveryWay(world: LeakyWorld, slug: Slug): Promise<void> {
  const path = `${CONNECTIONS}/${slug}`;
  const { createdAt: _made, updatedAt: _changed, ...read } = (await world.ask('GET', path)).json();
  const back = await world.ask('PATCH', path, { json: read, headers: MERGE });
  expect([slug, back.status, back.json()['auth']]).toEqual([slug, 200, read['auth']]);
  const secret = SECRETS[slug];
  for (const json of [
    { timeoutMs: secret },
    { secret },
    { auth: { secret } },
    { auth: { ...(read['auth'] as object), type: secret } },
    { auth: { type: 'bearer', token: [secret] } },
    { auth: { type: 'bearer', token: { set: secret } } },
    { auth: { type: 'basic', username: 'x', password: { set: true, secret } } },
    { headers: [['x-partner-token', secret]] },
    { origins: [secret] },
    { baseUrl: secret },
    { baseUrl: `https://user:${encodeURIComponent(secret)}@127.0.0.1/` },
    [secret],
    secret,
  ]) {
    expect([json, (await world.ask('PATCH', path, { json, headers: MERGE })).status]).toEqual([json, 422]);
  }
}

/** Requests with the secret for a value where it does not belong: each is refused, and no refusal repeats it. */
async function misplace(world: LeakyWorld, slug: Slug): Promise<void> {
  const secret = SECRETS[slug];
  const coded = encodeURIComponent(secret);
  for (const body of [secret, `{"name": ${secret}`, `{"name": "x", "auth": {"token": "${secret}`, `[${secret}]`]) {
    const headers = { 'content-type': 'application/json' };
    expect((await world.ask('POST', CONNECTIONS, { body, headers })).status).toBeGreaterThanOrEqual(400);
  }
  for (const query of ['cursor', 'limit', 'status', 'since', 'kind', 'secret', 'token']) {
    expect((await world.ask('GET', `/api/v1/exchanges?${query}=${coded}`)).status).toBe(422);
    expect((await world.ask('GET', `${CONNECTIONS}?${query}=${coded}`)).status).toBe(422);
  }
  const exchanges = `${CONNECTIONS}/${slug}/exchanges`;
  for (const json of [
    { method: `${secret} /`, path: '/x' },
    { method: 'GET', path: `//${secret}` },
    { method: 'GET', path: '/x', headers: [[`${secret} `, 'x']] },
    { method: 'GET', path: '/x', headers: [['authorization', secret]] },
    { method: 'GET', path: '/x', query: secret },
    { method: 'GET', path: '/x', bodyBase64: `${secret}!` },
    { method: 'GET', path: '/x', secret },
  ]) {
    expect([json, (await world.ask('POST', exchanges, { json })).status]).toEqual([json, 422]);
  }
  const wrong = { headers: { authorization: `Bearer ${Buffer.from(secret).toString('base64url')}` } };
  expect((await world.ask('GET', CONNECTIONS, wrong)).status).toBe(401);
}

describe('a program that does everything the JSON API lets it do', () => {
  test('is shown no secret, in whatever reply', async () => {
    await using world = await openLeakyWorld();
    await world.connect();
    const { provider, app, shown } = world;

    for (const slug of SLUGS) {
      for (const leak of LEAKS) await call(world, slug, { method: 'GET', path: `/${leak}/${slug}` });
      const forms = everyForm(SECRETS[slug]).join(' ');
      const typed = { method: 'POST', path: '/json', headers: [['content-type', 'text/plain']] };
      await call(world, slug, { ...typed, body: `${CANARY} ${forms}` });
      await call(world, slug, { ...typed, bodyBase64: Buffer.from(forms).toString('base64') });
      await patchInEveryWay(world, slug);
      await misplace(world, slug);
    }
    for (const id of await everyId(world)) {
      const again = await world.ask('POST', `/api/v1/exchanges/${id}/replays`);
      expect([201, 422]).toContain(again.status);
    }
    const talk = () => {
      const forms = [SECRETS.kept, ...provider.secrets().slice(-2)].flatMap(everyForm);
      return { error_description: forms.slice(0, 20).join(' '), hint: forms };
    };
    for (const [status, error] of [
      [503, 'temporarily_unavailable'],
      [401, 'invalid_client'],
      [400, 'invalid_grant'],
    ] as const) {
      app.clock.advance(700_000);
      provider.next({ status, body: { error, ...talk() } });
      await world.ask('POST', `${CONNECTIONS}/kept/grant/renewals`);
      await world.ask('GET', `${CONNECTIONS}/kept/grant`);
    }
    await world.ask('PATCH', `${CONNECTIONS}/kept`, { json: { auth: world.input('kept').auth }, headers: MERGE });
    await world.ask('POST', `${CONNECTIONS}/kept/grant/renewals`);
    provider.nextRevocation({ status: 400, body: { error: 'unsupported_token_type', ...talk() } });
    await world.ask('DELETE', `${CONNECTIONS}/kept/grant`);
    for (const path of [CONNECTIONS, `${CONNECTIONS}/kept/grant`, '/api/v1/exchanges?kind=token', '/api/openapi.json'])
      await world.ask('GET', path);
    for (const id of await everyId(world)) await look(world, id);

    expect(await shown.leaks(world.secrets(), app)).toEqual([]);
    const canary = found({ canary: [CANARY] }, [...shown.places, ...(await placesOf(app))]);
    expect(canary).toContain('canary in table body_chunk');
    expect(canary.filter((hit) => hit.endsWith('/request-body')).length).toBeGreaterThanOrEqual(SLUGS.length);
  }, 240_000);
});
