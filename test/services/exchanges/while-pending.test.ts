import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { session, withSession } from '../../../src/db/session.ts';
import { withSystem } from '../../../src/db/system.ts';
import { QueueFull } from '../../../src/kernel/errors.ts';
import { Exchange } from '../../../src/model/exchange.ts';
import { Workspace } from '../../../src/model/workspace.ts';
import { BodyStore } from '../../../src/services/exchanges/body-store.ts';
import { type Draft, ExchangeJournal } from '../../../src/services/exchanges/exchange-journal.ts';
import { whilePending } from '../../../src/services/exchanges/while-pending.ts';
import { type Listening, listen } from '../../support/listening.ts';
import { receive } from '../../support/received.ts';
import { WaitingRoom } from '../connections/waiting-room.ts';
import { openStage, type Stage } from '../grants/stage.ts';

let stage: Stage;
let room: WaitingRoom;
let endpoint: Listening;
beforeAll(async () => {
  stage = await openStage();
  room = new WaitingRoom(stage);
  endpoint = await listen(async (request, response) => {
    await receive(request);
    const body = request.url === '/par' ? { request_uri: 'urn:example:1', expires_in: 60 } : { active: true };
    response
      .writeHead(request.url === '/par' ? 201 : 200, { 'content-type': 'application/json' })
      .end(JSON.stringify(body));
  });
});
afterAll(async () => {
  await endpoint[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
});

/** A database that takes no answer of a call from now on, and everything else. */
function takeNoAnswer(): void {
  change(`create trigger no_answer before update of outcome on exchange when new.outcome = 'answered'
          begin select raise(abort, 'planted'); end`);
}

function change(sql: string): void {
  const database = new Database(stage.app.databaseFile);
  database.exec(sql);
  database.close();
}

const newest = async (slug: string, kind: Exchange['kind']) =>
  (await withSystem(() => session.find(Exchange, { connectionSlug: slug, kind }, { orderBy: { id: 'desc' } })))[0];

const linkOf = (html: string) => /href="(http[^"]*\/authorize\?[^"]*)"/.exec(html)?.[1]?.replaceAll('&amp;', '&') ?? '';

describe('a call whose answer cannot be kept', () => {
  afterEach(() => change('drop trigger if exists no_answer'));

  const byConsent = (fields: Record<string, string> = {}) =>
    stage.hold({ grantType: 'authorization_code', authorizationUrl: stage.provider.authorizationUrl, ...fields });

  test.each<[string, Exchange['kind'], () => Promise<string>]>([
    [
      'that changes something',
      'call',
      async () => {
        const { slug } = await stage.hold();
        takeNoAnswer();
        await expect(stage.owner.call(slug, 'POST', '/orders')).rejects.toThrow();
        return slug;
      },
    ],
    [
      'for a renewal',
      'token',
      async () => {
        const { slug } = await stage.hold();
        takeNoAnswer();
        await stage.renew(slug);
        expect(await stage.grant(slug)).toMatchObject({ generation: 2 });
        return slug;
      },
    ],
    [
      'for a code that a browser brought',
      'token',
      async () => {
        const { slug } = await byConsent();
        const begun = await stage.owner.post(`/connections/${slug}/consents`, {});
        const link = linkOf((await stage.owner.get(begun.location)).text);
        const back = new URL((await fetch(link, { redirect: 'manual' })).headers.get('location') ?? '');
        takeNoAnswer();
        expect((await stage.owner.get(`${back.pathname}${back.search}`)).status).toBe(500);
        return slug;
      },
    ],
    [
      'for a consent that is pushed',
      'authorization',
      async () => {
        const { slug } = await byConsent({ pushedAuthorizationUrl: `${endpoint.origin}/par` });
        takeNoAnswer();
        expect((await stage.owner.post(`/connections/${slug}/consents`, {})).status).toBe(500);
        return slug;
      },
    ],
    [
      'for the codes of a consent on another device',
      'device',
      async () => {
        const slug = await room.connected();
        takeNoAnswer();
        expect((await stage.owner.post(`/connections/${slug}/devices`, {})).status).toBe(500);
        return slug;
      },
    ],
    [
      'that asks how such a consent stands',
      'token',
      async () => {
        const slug = await room.connected();
        await room.begun(slug);
        stage.provider.devices.answer('granted');
        takeNoAnswer();
        await room.pass(10);
        return slug;
      },
    ],
    [
      'for an introspection',
      'introspection',
      async () => {
        const { slug } = await stage.hold({ introspectionUrl: `${endpoint.origin}/introspect` });
        takeNoAnswer();
        expect((await stage.owner.post(`/connections/${slug}/grant/introspections`, {})).status).toBe(500);
        return slug;
      },
    ],
    [
      'that gives a grant back',
      'revocation',
      async () => {
        const { slug } = await stage.hold({ revocationUrl: stage.provider.revocationUrl });
        takeNoAnswer();
        expect((await stage.owner.post(`/connections/${slug}/grant/revocation`, {})).status).toBe(303);
        return slug;
      },
    ],
  ])('%s is interrupted, and pending no more', async (_what, kind, fails) => {
    const slug = await fails();

    expect(await newest(slug, kind)).toMatchObject({
      outcome: 'interrupted',
      status: null,
      finishedAt: expect.any(Date),
      detail: expect.stringContaining('before its answer was kept'),
    });
  });
});

describe('a call that is on record as pending', () => {
  let draft: Draft;
  let parts: Parameters<typeof whilePending>[0];
  beforeEach(async () => {
    const { id: workspaceId } = await withSystem(() => session.findOneOrFail(Workspace, { name: { $ne: '' } }));
    const { slug } = await stage.hold();
    await stage.owner.call(slug, 'POST', '/orders');
    const { id = '', ...exchange } = (await newest(slug, 'call')) ?? {};
    draft = { id, workspaceId } as Draft;
    await withSystem(() => session.nativeUpdate(Exchange, { id }, { outcome: 'pending' }));
    const { clock, running } = stage.app;
    const bodies = new BodyStore({ newId: running.workings.newId, clock });
    parts = { clock, journal: new ExchangeJournal({ bodies, instanceId: '', keepBytes: 0 }) };
    expect(exchange).toMatchObject({ outcome: 'answered' });
  });

  const kept = () => withSystem(() => session.findOne(Exchange, { id: draft.id }));

  test('is taken back where it found no place in the line', async () => {
    await expect(whilePending(parts, draft, () => Promise.reject(new QueueFull()))).rejects.toBeInstanceOf(QueueFull);

    expect(await kept()).toBeNull();
  });

  test('is closed although the session it was made in has failed, and the error goes on', async () => {
    const error = new Error('planted');
    const failing = withSession(draft.workspaceId, () =>
      whilePending(parts, draft, () =>
        session.transactional(async () => {
          await session.nativeUpdate(Exchange, { id: draft.id }, { outcome: 'answered' });
          throw error;
        }),
      ),
    );

    await expect(failing).rejects.toBe(error);
    expect(await kept()).toMatchObject({ outcome: 'interrupted' });
  });

  test('stays as it was settled where something fails afterwards', async () => {
    const settled = () => withSystem(() => session.nativeUpdate(Exchange, { id: draft.id }, { outcome: 'answered' }));
    const failing = whilePending(parts, draft, async () => {
      await settled();
      throw new Error('planted');
    });

    await expect(failing).rejects.toThrow('planted');
    expect(await kept()).toMatchObject({ outcome: 'answered' });
  });
});
