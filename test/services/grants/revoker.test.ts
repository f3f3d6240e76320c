import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { session, withSession } from '../../../src/db/session.ts';
import { withSystem } from '../../../src/db/system.ts';
import { ConsentAttempt } from '../../../src/model/consent-attempt.ts';
import { Exchange } from '../../../src/model/exchange.ts';
import type { Role } from '../../../src/kernel/role.ts';
import { Workspace } from '../../../src/model/workspace.ts';
import { rowsOf } from '../../support/kept-exchanges.ts';
import { hold } from '../../support/provider.ts';
import { openStage, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const NOTHING_HELD = { state: 'revoked', sealedAccessToken: null, sealedRefreshToken: null, expiresAt: null };

async function revoke(slug: string, role: Role = 'owner') {
  const { id: workspaceId } = await withSystem(() => session.findOneOrFail(Workspace, { name: { $ne: '' } }));
  const actor = { workspaceId, role, name: 'owner@example.org' };
  return withSession(workspaceId, () => stage.app.running.workings.revoker.revoke(actor, slug));
}

const revocationsOf = (slug: string) =>
  withSystem(() => session.find(Exchange, { connectionSlug: slug, kind: 'revocation' }, { orderBy: { id: 'asc' } }));

const held = (fields: Record<string, string> = {}) =>
  stage.hold({ revocationUrl: stage.provider.revocationUrl, ...fields });

const asked = (from: number) => stage.provider.revocations.slice(from);

describe('a grant that is given back', () => {
  test('is revoked by its refresh token, wiped, and of no more use here or there', async () => {
    const { slug, refreshToken } = await held();
    const { fence } = await stage.grant(slug);
    const before = stage.provider.revocations.length;

    expect(await revoke(slug)).toEqual({ slug, generation: 2, provider: { kind: 'revoked' } });

    expect(asked(before)).toEqual([{ token: refreshToken, hint: 'refresh_token' }]);
    expect(stage.provider.book.isRedeemable(refreshToken)).toBe(false);
    expect(await stage.grant(slug)).toMatchObject({
      ...NOTHING_HELD,
      generation: 2,
      fence: fence + 1,
      leaseInstance: null,
    });
    await expect(stage.owner.call(slug, 'GET', '/orders')).rejects.toThrow('409');
    expect(await stage.owner.told(slug)).toMatchObject({
      state: 'revoked',
      action: { label: 'Paste a refresh token' },
    });
  });

  test('is on record as a revocation, with the client’s proof and the token masked', async () => {
    const { slug } = await held();
    await revoke(slug);

    const [exchange, ...more] = await revocationsOf(slug);
    expect(more).toEqual([]);
    expect(exchange).toMatchObject({
      kind: 'revocation',
      method: 'POST',
      url: stage.provider.revocationUrl,
      outcome: 'answered',
      status: 200,
      generation: 1,
      sentBy: 'owner@example.org',
    });
    expect(exchange?.requestHeaders).toContainEqual(['authorization', '*redacted*']);
    const body = await stage.owner.get(`/exchanges/${exchange?.id}/request-body`);
    expect(new URLSearchParams(body.text).get('token')).toBe('*redacted*');
    expect(await stage.leaks()).toEqual([]);
  });

  test('that its provider does not take back is wiped all the same, and says so', async () => {
    const { slug, refreshToken } = await held();
    const before = stage.provider.revocations.length;
    stage.provider.nextRevocation({ status: 503 }, 'reset');

    const { provider } = await revoke(slug);

    expect(provider).toMatchObject({ kind: 'failed', code: 'http-503' });
    expect(asked(before)).toEqual([
      { token: refreshToken, hint: 'refresh_token' },
      { token: expect.stringMatching(/^access-/), hint: 'access_token' },
    ]);
    expect(await stage.grant(slug)).toMatchObject({ ...NOTHING_HELD, reason: 'http-503', generation: 2 });
    expect(await stage.owner.told(slug)).toMatchObject({ state: 'revoked' });
    expect(await revocationsOf(slug)).toMatchObject([
      { outcome: 'answered', status: 503 },
      { outcome: 'failed', status: null },
    ]);
  });

  test('by its access token where the provider has no answer to the first', async () => {
    const { slug } = await held();
    stage.provider.nextRevocation('reset');

    expect(await revoke(slug)).toMatchObject({ provider: { kind: 'failed' } });
    expect(stage.provider.revocations.at(-1)).toMatchObject({ hint: 'access_token' });
    expect(await revocationsOf(slug)).toMatchObject([{ outcome: 'failed' }, { outcome: 'answered', status: 200 }]);
  });

  test('without a revocation URL is wiped, and nobody is asked', async () => {
    const { slug } = await stage.hold();
    const before = stage.provider.log.length;

    expect(await revoke(slug)).toMatchObject({ provider: { kind: 'not-asked' } });
    expect(stage.provider.log).toHaveLength(before);
    expect(await stage.grant(slug)).toMatchObject(NOTHING_HELD);
  });

  test('twice is given back once', async () => {
    const { slug } = await held();
    await revoke(slug);
    const before = stage.provider.revocations.length;

    expect(await revoke(slug)).toEqual({ slug, generation: 2, provider: { kind: 'not-asked' } });
    expect(asked(before)).toEqual([]);
    expect(await stage.grant(slug)).toMatchObject({ generation: 2 });
  });

  test('takes consents under way with it', async () => {
    const fields = { grantType: 'authorization_code', authorizationUrl: stage.provider.authorizationUrl };
    const { slug } = await held(fields);
    const begun = await stage.owner.post(`/connections/${slug}/consents`, {});
    expect((await stage.owner.get(begun.location)).status).toBe(200);

    await revoke(slug);

    expect(await withSystem(() => session.count(ConsentAttempt, { usedAt: null }))).toBe(0);
    expect((await stage.owner.get(begun.location)).status).toBe(404);
    expect(await stage.owner.told(slug)).toMatchObject({ action: { href: `/connections/${slug}/consent` } });
  });

  test('is there again once somebody pastes a new refresh token', async () => {
    const { slug } = await held();
    await revoke(slug);
    const { refreshToken } = stage.provider.issueGrant();
    const form = {
      name: 'Partner',
      slug,
      baseUrl: stage.api.origin,
      timeoutMs: '30000',
      width: '8',
      authType: 'oauth2',
      grantType: 'refresh_token',
      tokenUrl: stage.provider.tokenUrl,
      clientId: stage.provider.clientId,
      revocationUrl: stage.provider.revocationUrl,
      clientAuthentication: 'client_secret_basic',
      refreshToken,
    };
    expect((await stage.owner.post(`/connections/${slug}`, form)).status).toBe(303);
    await stage.owner.call(slug, 'GET', '/orders');
    expect(await stage.owner.told(slug)).toMatchObject({ state: 'fresh', generation: 4 });
  });
});

test('a grant that was renewed before keeps no older refresh token either', async () => {
  const { slug } = await held();
  await stage.renew(slug);
  const kept = () =>
    rowsOf(stage.app.databaseFile, 'select sealed_previous_refresh_token as previous from "grant" order by updated_at');
  expect(kept().at(-1)).toEqual({ previous: expect.stringMatching(/^v1\./) });

  await revoke(slug);

  expect(kept().at(-1)).toEqual({ previous: null });
});

describe('a grant of client credentials that is given back', () => {
  test('stays revoked for calls and the background, until a person renews it', async () => {
    const slug = await stage.connect({ revocationUrl: stage.provider.revocationUrl });
    await stage.owner.call(slug, 'GET', '/orders');
    const before = stage.provider.revocations.length;
    expect(await revoke(slug)).toMatchObject({ generation: 2, provider: { kind: 'revoked' } });
    expect(asked(before)).toMatchObject([{ hint: 'access_token' }]);

    const tokenCalls = await stage.callsDuring(async () => {
      await expect(stage.owner.call(slug, 'GET', '/orders')).rejects.toThrow('Renew it by hand');
      await stage.app.running.workings.sweep.sweep();
      const told = await stage.owner.told(slug);
      expect(told).toMatchObject({ state: 'revoked', nextCheckIn: null });
      expect(told).not.toHaveProperty('action');
    });
    expect(tokenCalls).toBe(0);

    expect((await stage.renew(slug)).json()).toMatchObject({ state: 'fresh', generation: 3 });
    await stage.owner.call(slug, 'GET', '/orders');
  });

  test('stays revoked where the person’s renewal gets nothing either', async () => {
    const slug = await stage.connect({ revocationUrl: stage.provider.revocationUrl });
    await revoke(slug);
    stage.provider.next({ status: 503 });

    await stage.renew(slug);
    expect(await stage.grant(slug)).toMatchObject({ state: 'revoked' });
    await expect(stage.owner.call(slug, 'GET', '/orders')).rejects.toThrow('409');
  });
});

describe('a revocation while a renewal is in the air', () => {
  test('wins: the late tokens change nothing, are kept sealed and given back too', async () => {
    const { slug, refreshToken } = await stage.due({ revocationUrl: stage.provider.revocationUrl });
    const stopped = hold('request');
    stage.provider.next(stopped.fault);
    const renewed = stage.owner.told(slug);
    await stopped.reached;
    const before = stage.provider.revocations.length;
    stage.provider.nextRevocation({ status: 200 }, { status: 200 });

    const revocation = await revoke(slug);
    stopped.release();

    expect(revocation).toMatchObject({ generation: 2, provider: { kind: 'revoked' } });
    expect(await renewed).toMatchObject({ state: 'revoked', generation: 2 });
    expect(await stage.grant(slug)).toMatchObject({ ...NOTHING_HELD, generation: 2, leaseInstance: null });
    expect(await stage.attempts(slug)).toMatchObject([
      { state: 'done', outcome: 'overtaken', sealedTokens: expect.stringMatching(/^v1\./) },
    ]);
    const [first, second] = asked(before);
    expect(first).toEqual({ token: refreshToken, hint: 'refresh_token' });
    expect(second).toEqual({ token: expect.stringMatching(/^refresh-/), hint: 'refresh_token' });
    expect(second?.token).not.toBe(refreshToken);
    expect(await revocationsOf(slug)).toMatchObject([{ sentBy: 'owner@example.org' }, { sentBy: null }]);
    expect(await stage.leaks()).toEqual([]);
  });

  test('that lands before it takes the new tokens back, not the old ones', async () => {
    const { slug, refreshToken } = await stage.due({ revocationUrl: stage.provider.revocationUrl });
    await stage.renew(slug);
    const before = stage.provider.revocations.length;

    expect(await revoke(slug)).toMatchObject({ generation: 3, provider: { kind: 'revoked' } });
    expect(asked(before)).toHaveLength(1);
    expect(asked(before)[0]?.token).not.toBe(refreshToken);
    expect(stage.provider.book.isRedeemable(asked(before)[0]?.token ?? '')).toBe(false);
  });

  test('is on its way to the provider while nothing holds the database', async () => {
    const { slug } = await held();
    const stopped = hold('answer');
    stage.provider.nextRevocation(stopped.fault);
    const revoked = revoke(slug);
    await stopped.reached;

    expect(await revocationsOf(slug)).toMatchObject([{ outcome: 'pending' }]);
    expect(await stage.owner.told(slug)).toMatchObject({ state: 'revoked', generation: 2 });
    const other = await stage.connect({ name: 'Other' });
    await stage.owner.call(other, 'POST', '/orders');
    stopped.release();
    expect(await revoked).toMatchObject({ provider: { kind: 'revoked' } });
  });
});

describe('a revocation by somebody who may not, or of nothing', () => {
  test.each(['editor', 'viewer'] as const)('is refused to %ss', async (role) => {
    const { slug } = await held();
    await expect(revoke(slug, role)).rejects.toMatchObject({ code: 'not-allowed' });
    expect(await stage.grant(slug)).toMatchObject({ state: 'held', generation: 1 });
  });

  test('is refused without OAuth and for a slug nobody knows', async () => {
    const slug = await stage.connect({ authType: 'none' });
    await expect(revoke(slug)).rejects.toMatchObject({ code: 'conflict' });
    await expect(revoke('nobody')).rejects.toMatchObject({ code: 'not-found' });
  });
});
