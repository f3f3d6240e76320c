import { glob, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { session } from '../../../src/db/session.ts';
import { withSystem } from '../../../src/db/system.ts';
import { ConsentAttempt } from '../../../src/model/consent-attempt.ts';
import { Exchange } from '../../../src/model/exchange.ts';
import { OWNER } from '../../support/app.ts';
import { answerUnder, type Fault, hold } from '../../support/faults.ts';
import { type Listening, listen } from '../../support/listening.ts';
import { formOf, receive, type Received } from '../../support/received.ts';
import { openStage, type Stage } from './stage.ts';

/** A provider's front: takes pushed requests (RFC 9126) and lets its browser part know them by their names. */
class Front {
  readonly log: Received[] = [];
  readonly names: string[] = [];
  fault: Fault | undefined;
  #listening: Listening | undefined;
  readonly #pushed = new Map<string, URLSearchParams>();

  async open(authorizationUrl: string): Promise<this> {
    this.#listening = await listen(async (request, response) => {
      const received = await receive(request);
      this.log.push(received);
      const fault = this.fault;
      this.fault = undefined;
      await answerUnder(fault, response, () => {
        if (received.path === '/par') return { status: 201, body: this.#keep(formOf(received)) };
        const asked = this.#pushed.get(received.query.get('request_uri') ?? '');
        if (!asked) return { status: 400, body: 'No such request.' };
        return { status: 302, headers: { location: `${authorizationUrl}?${asked}` } };
      });
    });
    return this;
  }

  get origin(): string {
    return this.#listening?.origin ?? '';
  }

  pushes(): Received[] {
    return this.log.filter(({ path }) => path === '/par');
  }

  async close(): Promise<void> {
    await this.#listening?.[Symbol.asyncDispose]();
  }

  #keep(form: URLSearchParams) {
    const name = `urn:ietf:params:oauth:request_uri:name-of-a-request-${this.names.length}`;
    this.names.push(name);
    this.#pushed.set(name, form);
    return { request_uri: name, expires_in: 60 };
  }
}

let stage: Stage;
let front: Front;
beforeAll(async () => {
  stage = await openStage();
  front = await new Front().open(stage.provider.authorizationUrl);
});
afterAll(async () => {
  await front.close();
  await stage[Symbol.asyncDispose]();
});
beforeEach(() => {
  front.log.splice(0);
});

const connected = (fields: Record<string, string> = {}) =>
  stage.hold({
    grantType: 'authorization_code',
    authorizationUrl: `${front.origin}/authorize`,
    pushedAuthorizationUrl: `${front.origin}/par`,
    scope: 'orders',
    ...fields,
  });
const text = (html: string) => html.replaceAll(/<[^>]+>/g, ' ').replaceAll('&#39;', "'");
const begin = (slug: string) => stage.owner.post(`/connections/${slug}/consents`, {});
const linkOf = (html: string) => /href="(http[^"]*\/authorize\?[^"]*)"/.exec(html)?.[1]?.replaceAll('&amp;', '&') ?? '';
const recorded = () => withSystem(() => session.find(Exchange, { kind: 'authorization' }, { orderBy: { id: 'asc' } }));
const attempts = () => withSystem(() => session.count(ConsentAttempt));

async function held(slug: string) {
  const { generation, fence, state, sealedAccessToken, sealedRefreshToken } = await stage.grant(slug);
  return { generation, fence, state, sealedAccessToken, sealedRefreshToken };
}

describe('a consent whose request is pushed', () => {
  test('tells the browser the name of the request only, and brings a grant', async () => {
    const { slug } = await connected();

    const page = await stage.owner.get((await begin(slug)).location);
    const link = new URL(linkOf(page.text));
    const pushed = front.pushes();
    const atProvider = await fetch(link);
    const back = new URL(atProvider.url);

    expect(Object.fromEntries(link.searchParams)).toEqual({
      client_id: stage.provider.clientId,
      request_uri: front.names.at(-1),
    });
    expect(pushed).toHaveLength(1);
    const form = formOf(pushed[0] as Received);
    expect(form.get('code_challenge_method')).toBe('S256');
    expect(page.text).not.toContain(form.get('state') ?? 'no state');
    expect(page.text).not.toContain(form.get('code_challenge') ?? 'no challenge');
    expect(back.pathname).toBe('/consent/callback');
    expect(await stage.grant(slug)).toMatchObject({ generation: 1 });
  });

  test('comes back as any other does', async () => {
    const { slug } = await connected();
    const page = await stage.owner.get((await begin(slug)).location);
    const first = await fetch(linkOf(page.text), { redirect: 'manual' });
    const second = await fetch(first.headers.get('location') ?? '', { redirect: 'manual' });
    const back = new URL(second.headers.get('location') ?? '');

    const reply = await stage.owner.get(`${back.pathname}${back.search}`);

    expect([reply.status, reply.location]).toEqual([303, `/connections/${slug}`]);
    expect(await stage.grant(slug)).toMatchObject({ generation: 2, state: 'held' });
  });

  test('is on record before it leaves, masked, with what came of it', async () => {
    const { slug } = await connected();
    const push = hold('answer');
    front.fault = push.fault;
    const begun = begin(slug);
    await push.reached;
    const before = (await recorded()).at(-1);
    push.release();
    await begun;

    expect(before).toMatchObject({ outcome: 'pending', status: null });
    const exchange = (await recorded()).at(-1);
    expect(exchange).toMatchObject({ method: 'POST', outcome: 'answered', status: 201, sentBy: OWNER.email });
    const sent = formOf(front.pushes()[0] as Received);
    const page = await stage.owner.get(`/exchanges/${exchange?.id}`);
    expect(page.text).toContain('code_challenge_method');
    for (const secret of [sent.get('state'), front.names.at(-1), stage.provider.clientSecret])
      expect(page.text).not.toContain(secret);
  });

  test('is not gone on with once the provider has forgotten it', async () => {
    const { slug } = await connected();
    const begun = await begin(slug);
    stage.app.clock.advance(60_001);

    const page = await stage.owner.get(begun.location);

    expect(page.status).toBe(409);
    expect(text(page.text)).toContain('keeps our request for a moment only');
  });
});

describe('a request that the provider does not take', () => {
  const ROWS: [string, string, Fault][] = [
    ['for its client', 'does not accept the client id', { status: 401, body: { error: 'invalid_client' } }],
    ['for its scope', 'does not accept the scope', { status: 400, body: { error: 'invalid_scope' } }],
    ['for its redirect URI', 'Register it with the client', { status: 400, body: { error: 'invalid_redirect_uri' } }],
    ['with markup', 'It says: “<b>no</b>”', { status: 400, body: { error: 'no_way', error_description: '<b>no</b>' } }],
    ['without a word', 'did not say what it is called', { status: 201, body: {} }],
    ['with a redirect', 'which is never followed', { status: 302, headers: { location: 'https://evil.example' } }],
    ['with a fault', '(503)', { status: 503 }],
    ['with a broken connection', 'could not be asked', 'reset'],
  ];

  test.each(ROWS)('%s says so, keeps nothing and leaves the old grant untouched', async (_what, sentence, fault) => {
    const { slug } = await connected();
    const [before, begun] = [await held(slug), await attempts()];
    front.fault = fault;

    const reply = await begin(slug);

    expect(reply.status).toBe(422);
    const shown = reply.text.replaceAll('&lt;', '<').replaceAll('&gt;', '>');
    expect(reply.text).not.toContain('<b>no</b>');
    expect(sentence.includes('<b>') ? shown : text(reply.text)).toContain(sentence);
    expect(await held(slug)).toEqual(before);
    expect(await attempts()).toBe(begun);
    expect(reply.headers.getSetCookie().filter((cookie) => cookie.includes('oauth'))).toEqual([]);
    expect((await recorded()).at(-1)?.outcome).not.toBe('pending');
  });

  test('because there is nowhere for the browser to go is not pushed at all', async () => {
    const { slug } = await connected();
    await withSystem(() =>
      session.execute(`update connection set auth = json_set(auth, '$.authorizationUrl', null) where slug = ?`, [slug]),
    );

    const reply = await begin(slug);

    expect(reply.status).toBe(409);
    expect(front.pushes()).toEqual([]);
  });
});

describe('a connection whose callbacks have to name the issuer', () => {
  test('takes no answer without one, and leaves the old grant untouched', async () => {
    const { slug } = await connected({ issuer: stage.provider.origin, requiresIss: 'on' });
    const before = await held(slug);
    const page = await stage.owner.get((await begin(slug)).location);
    const first = await fetch(linkOf(page.text), { redirect: 'manual' });
    const second = await fetch(first.headers.get('location') ?? '', { redirect: 'manual' });
    const back = new URL(second.headers.get('location') ?? '');
    back.searchParams.delete('iss');

    const calls = await stage.callsDuring(async () => {
      const reply = await stage.owner.get(`${back.pathname}${back.search}`);
      expect(reply.status).toBe(422);
      expect(text(reply.text)).toContain('does not say which provider it comes from');
    });

    expect(calls).toBe(0);
    expect(await held(slug)).toEqual(before);
  });
});

describe('the record of all of this', () => {
  test('holds no secret, and no name of a request', async () => {
    expect(await stage.leaks()).toEqual([]);
    const kept = [stage.app.log()];
    for await (const file of glob('callbook.db*', { cwd: stage.app.folder, withFileTypes: true }))
      if (file.isFile()) kept.push(await readFile(`${stage.app.folder}/${file.name}`, 'latin1'));
    expect(front.names.filter((name) => kept.some((place) => place.includes(name)))).toEqual([]);
  });
});
