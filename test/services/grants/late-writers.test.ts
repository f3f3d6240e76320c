import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { newId } from '../../db/rows.ts';
import { hold } from '../../support/provider.ts';
import { openStage, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

/** A renewal of a grant that is due, stopped after the provider has rotated and before we know. */
async function inTheAir(fields: Record<string, string> = {}) {
  const { slug, refreshToken } = await stage.due(fields);
  const held = hold('answer');
  stage.provider.next(held.fault);
  const asked = stage.owner.get(`/_token_refresh?connection=${slug}`, { accept: 'application/json' });
  await held.reached;
  const grant = await stage.grant(slug);
  return { slug, refreshToken, grant, land: () => (held.release(), asked) };
}

async function form(slug: string, changes: Record<string, string>) {
  return stage.owner.post(`/connections/${slug}`, {
    name: 'Partner',
    slug,
    baseUrl: stage.api.origin,
    timeoutMs: '30000',
    width: '8',
    resendUnsafeOn401: 'on',
    authType: 'oauth2',
    grantType: 'refresh_token',
    tokenUrl: stage.provider.tokenUrl,
    clientId: stage.provider.clientId,
    clientAuthentication: 'client_secret_basic',
    ...changes,
  });
}

describe('a renewal that lands after its grant has moved on', () => {
  test('changes nothing, keeps its tokens sealed on the attempt and raises an alarm', async () => {
    const { slug, grant, land } = await inTheAir();
    const later = { generation: 5, fence: grant.fence + 7, leaseInstance: null, leaseUntil: null };
    await stage.plant(slug, { ...later, expiresAt: new Date(stage.app.clock.now().getTime() + 3_600_000) });
    const before = await stage.grant(slug);

    const reply = await land();

    expect(reply.json()).toMatchObject({ state: 'fresh', generation: 5 });
    expect(await stage.grant(slug)).toMatchObject({ ...later, sealedAccessToken: before.sealedAccessToken });
    const [attempt] = await stage.attempts(slug);
    expect(attempt).toMatchObject({
      state: 'done',
      outcome: 'overtaken',
      sealedTokens: expect.stringMatching(/^v1\./),
    });
    const alarm = stage.app
      .log()
      .split('\n')
      .find((line) => line.includes('kept on the attempt'));
    expect(JSON.parse(alarm ?? '{}')).toMatchObject({ level: 50, attempt: attempt?.id });
  });

  test('under an old fence alone changes nothing either', async () => {
    const { slug, grant, land } = await inTheAir();
    await stage.plant(slug, { fence: grant.fence + 1, leaseInstance: null, leaseUntil: null, state: 'consent-needed' });

    const reply = await land();

    expect(reply.json()).toMatchObject({ state: 'consent-needed', generation: 1 });
    expect(await stage.attempts(slug)).toMatchObject([{ outcome: 'overtaken' }]);
  });

  test('with a refusal takes nothing from the newer grant', async () => {
    const { slug, refreshToken } = await stage.due();
    stage.provider.book.revoke(refreshToken);
    const held = hold('answer');
    stage.provider.next(held.fault);
    const asked = stage.owner.told(slug);
    await held.reached;
    const { fence } = await stage.grant(slug);
    const moved = { generation: 2, fence: fence + 1, leaseInstance: null, leaseUntil: null };
    await stage.plant(slug, { ...moved, expiresAt: new Date(stage.app.clock.now().getTime() + 3_600_000) });
    held.release();

    expect(await asked).toMatchObject({ state: 'fresh', generation: 2 });
    expect(await stage.grant(slug)).toMatchObject({ state: 'held', reason: null, ...moved });
    expect(await stage.attempts(slug)).toMatchObject([{ state: 'failed', outcome: 'refused' }]);
  });
});

describe('an edit while a renewal is in the air', () => {
  test('of the name survives, and so do the tokens', async () => {
    const { slug, land } = await inTheAir();

    expect((await form(slug, { name: 'Partner, renamed' })).status).toBe(303);
    expect((await land()).json()).toMatchObject({ state: 'fresh', generation: 2 });
    expect((await stage.owner.get(`/connections/${slug}`)).text).toContain('Partner, renamed');
  });

  test('of the scope is refused until the tokens are here', async () => {
    const { slug, land } = await inTheAir();

    expect((await form(slug, { scope: 'orders more' })).status).toBe(409);
    expect((await land()).json()).toMatchObject({ state: 'fresh', generation: 2 });
    expect((await form(slug, { scope: 'orders more' })).status).toBe(303);
  });

  test('is not refused over a lease that no clock of ours can have given', async () => {
    const { slug } = await stage.hold();
    const lease = (restMs: number) => ({
      leaseInstance: newId(),
      leaseUntil: new Date(stage.app.clock.now().getTime() + restMs),
    });

    await stage.plant(slug, lease(29_000));
    expect((await form(slug, { scope: 'orders more' })).status).toBe(409);
    await stage.plant(slug, lease(60_000));
    expect((await form(slug, { scope: 'orders more' })).status).toBe(303);
  });

  test('of the host wins: what was asked for under the old one is not taken', async () => {
    const { slug, land } = await inTheAir();
    const { refreshToken } = stage.provider.issueGrant();
    const secrets = { clientSecret: stage.provider.clientSecret ?? '', refreshToken };

    const edit = await form(slug, { baseUrl: 'http://localhost:9', ...secrets });
    await land();

    expect(edit.status).toBe(303);
    expect(await stage.attempts(slug)).toMatchObject([{ outcome: 'overtaken' }, { outcome: 'granted' }]);
    expect(stage.provider.asked.byRefreshToken.get(refreshToken)).toBe(1);
  });

  test('that deletes the connection ends the renewal without a trace of its tokens', async () => {
    const { slug, land } = await inTheAir();

    expect((await stage.owner.post(`/connections/${slug}/deletion`, {})).status).toBeLessThan(400);
    expect((await land()).status).toBe(404);
    expect(stage.app.log()).toContain('New tokens came after their connection was deleted');
  });
});

describe('the browser that asked goes away', () => {
  test('and the renewal is kept and recorded all the same', async () => {
    const { slug } = await stage.due();
    const held = hold('answer');
    stage.provider.next(held.fault);
    const left = new AbortController();
    const cookie = [...stage.owner.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const asked = fetch(`${stage.app.url}/_token_refresh?connection=${slug}`, {
      headers: { cookie },
      signal: left.signal,
    });
    await held.reached;
    left.abort();
    await expect(asked).rejects.toThrow('aborted');
    held.release();
    await stage.app.running.workings.keeper.landed();

    expect(await stage.grant(slug)).toMatchObject({ generation: 2, state: 'held', leaseInstance: null });
    expect(await stage.attempts(slug)).toMatchObject([{ state: 'done' }]);
    expect(await stage.tokenCalls(slug)).toMatchObject([{ outcome: 'answered', status: 200, generation: 2 }]);
  });
});

describe('a database that another process holds', () => {
  test('keeps the tokens waiting, and nobody is told of success before they are stored', async () => {
    const { slug, land } = await inTheAir();
    const other = new Database(stage.app.databaseFile);
    other.exec('BEGIN IMMEDIATE');
    const landed = land();
    while (!stage.app.log().includes('New tokens could not be stored yet')) await new Promise(setImmediate);
    other.exec('ROLLBACK');
    other.close();

    expect((await landed).json()).toMatchObject({ state: 'fresh', generation: 2 });
    expect(await stage.attempts(slug)).toMatchObject([{ state: 'done', outcome: 'granted' }]);
  });

  test('before anything is sent gives every caller the same clear answer, and burns nothing', async () => {
    const { slug } = await stage.expired();
    const other = new Database(stage.app.databaseFile);
    other.exec('BEGIN IMMEDIATE');
    const before = stage.provider.asked.total;
    const replies = await Promise.allSettled(Array.from({ length: 10 }, () => stage.keep(slug)));
    other.exec('ROLLBACK');
    other.close();

    const codes = replies.map((reply) => (reply.status === 'rejected' ? (reply.reason as { code: string }).code : ''));
    expect(new Set(codes)).toEqual(new Set(['database-busy']));
    expect(stage.provider.asked.total).toBe(before);
    expect(await stage.owner.told(slug)).toMatchObject({ state: 'fresh', generation: 2 });
  });
});

describe('an attempt that was left in `intent`', () => {
  const dead = newId();
  const leftBehind = (leaseInstance: string, ms: number) => ({
    leaseInstance,
    leaseUntil: new Date(stage.app.clock.now().getTime() + ms),
  });

  /** A renewal whose process died, or whose lease ran out, as its rows show it; the provider was not reached. */
  async function abandoned(leaseInstance: string, ms: number) {
    const { slug, refreshToken, grant, land } = await inTheAir();
    await land();
    const [attempt] = await stage.attempts(slug);
    return { slug, refreshToken, grant, attempt, lease: leftBehind(leaseInstance, ms) };
  }

  test.each([
    ['whose process is dead', () => dead, 25_000],
    ['whose lease ran out', () => stage.app.running.database.instances.self, -1],
    ['of ours, without a flight', () => stage.app.running.database.instances.self, 25_000],
  ])('%s is taken up by the next caller, though the token is fresh', async (_what, instance, ms) => {
    const { slug, attempt, lease } = await abandoned(instance(), ms);
    await stage.plant(slug, lease);
    await stage.plantAttempt(attempt?.id ?? '', { state: 'intent', outcome: null, endedAt: null });
    const { fence } = await stage.grant(slug);
    await stage.plantAttempt(attempt?.id ?? '', { fence });

    const told = await stage.owner.call(slug, 'GET', '/orders').then(() => stage.owner.told(slug));

    expect(told).toMatchObject({ state: 'fresh', generation: 3 });
    expect(await stage.attempts(slug)).toMatchObject([
      { state: 'unknown', outcome: 'interrupted', reason: 'crash_during_refresh' },
      { state: 'done', outcome: 'granted' },
    ]);
  });

  test('is taken up at start, and a refusal then says why', async () => {
    const { slug, refreshToken } = await stage.due();
    await stage.plant(slug, leftBehind(dead, 25_000));
    stage.provider.book.revoke(refreshToken);

    await stage.app.running.workings.sweep.recover();

    expect(await stage.grant(slug)).toMatchObject({ state: 'consent-needed', reason: 'crash_during_refresh' });
    expect(stage.provider.asked.byRefreshToken.get(refreshToken)).toBe(1);
  });

  test('is left alone while its process lives and its lease lasts', async () => {
    const { slug, land } = await inTheAir();

    expect(await stage.callsDuring(() => stage.app.running.workings.sweep.recover())).toBe(0);
    expect((await land()).json()).toMatchObject({ state: 'fresh', generation: 2 });
    expect(await stage.attempts(slug)).toMatchObject([{ outcome: 'granted' }]);
  });

  test('whose grant has moved on since is closed', async () => {
    const { slug, attempt } = await abandoned(dead, 25_000);
    await stage.plantAttempt(attempt?.id ?? '', { state: 'intent', instanceId: dead, fence: 0 });

    await stage.app.running.workings.sweep.recover();

    expect(await stage.attempts(slug)).toMatchObject([{ state: 'unknown', outcome: 'interrupted' }]);
    expect(await stage.grant(slug)).toMatchObject({ state: 'held', generation: 2 });
  });

  test('is tried three times at most, however often its process dies', async () => {
    const { slug, refreshToken } = await stage.hold();
    for (let deaths = 0; deaths < 5; deaths += 1) {
      stage.provider.next({ status: 502 });
      await stage.plant(slug, leftBehind(dead, 25_000));
      await stage.app.running.workings.sweep.recover();
      stage.app.clock.advance(20_000);
    }

    expect(stage.provider.asked.byRefreshToken.get(refreshToken)).toBe(3);
    expect(await stage.grant(slug)).toMatchObject({ state: 'ambiguous', failures: 3 });
  });
});
