import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { session, withSession } from '../../src/db/session.ts';
import { withSystem } from '../../src/db/system.ts';
import { Connection } from '../../src/model/connection.ts';
import { Exchange } from '../../src/model/exchange.ts';
import { openVault } from '../../src/secrets/vault.ts';
import { sealedLeftOver } from '../../src/services/grants/grant-seals.ts';
import { loadKeys } from '../../src/secrets/keys.ts';
import { systemRandom } from '../../src/kernel/ids.ts';
import { hold } from '../support/faults.ts';
import { newKey } from '../support/keys.ts';
import { openStage, type Stage } from '../services/grants/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const held = (fields: Record<string, string> = {}) =>
  stage.hold({ revocationUrl: stage.provider.revocationUrl, ...fields });

const remove = (slug: string) => stage.owner.post(`/connections/${slug}/deletion`, {});

const isThere = (slug: string) => withSystem(async () => (await session.count(Connection, { slug })) === 1);

const revocationsOf = (slug: string) =>
  withSystem(() => session.find(Exchange, { connectionSlug: slug, kind: 'revocation' }, { orderBy: { id: 'asc' } }));

/** Tokens of the provider's on an attempt of the connection, as a flight leaves them that was overtaken. */
async function keepAside(slug: string) {
  const issued = stage.provider.issueGrant();
  await stage.renew(slug);
  const [attempt] = await stage.attempts(slug);
  const keys = loadKeys({ appKey: null, file: `${stage.app.folder}/app.key`, random: systemRandom });
  const now = stage.app.clock.now();
  const tokens = { ...issued, tokenType: 'bearer', refreshExpiresAt: null, expiresAt: now } as const;
  const sealedTokens = sealedLeftOver(openVault(keys, systemRandom), attempt!.id, tokens);
  await stage.plantAttempt(attempt!.id, { sealedTokens });
  return issued;
}

const tokensAsked = (from: number) => stage.provider.revocations.slice(from).map(({ token }) => token);

describe('a connection that is deleted', () => {
  test('gives its tokens back, the refresh token first; the call stays on record under its name', async () => {
    const { slug, refreshToken } = await held({ name: 'Soon gone' });
    const before = stage.provider.revocations.length;

    const reply = await remove(slug);

    expect(stage.provider.revocations.slice(before)).toEqual([{ token: refreshToken, hint: 'refresh_token' }]);
    expect(stage.provider.book.isRedeemable(refreshToken)).toBe(false);
    expect(reply).toMatchObject({ status: 303, location: '/connections?deleted=revoked' });
    expect((await stage.owner.get(reply.location)).text).toContain('Its provider has revoked the tokens.');
    expect(await revocationsOf(slug)).toMatchObject([
      { connectionName: 'Soon gone', outcome: 'answered', status: 200, sentBy: 'owner@example.org' },
    ]);
    expect(await stage.leaks()).toEqual([]);
  });

  test.each(['reset' as const, { status: 503 }])(
    'goes whatever its provider does, and that is told: %s',
    async (fault) => {
      const { slug } = await held({ name: `Down by ${typeof fault}` });
      stage.provider.nextRevocation(fault, fault);

      const reply = await remove(slug);

      expect(await isThere(slug)).toBe(false);
      expect(reply.location).toBe('/connections?deleted=failed');
      expect((await stage.owner.get(reply.location)).text).toContain('did not confirm that the tokens are revoked');
      expect(await revocationsOf(slug)).toHaveLength(2);
    },
  );

  test('is gone before its provider hears of it', async () => {
    const { slug } = await held();
    const stopped = hold('request');
    stage.provider.nextRevocation(stopped.fault);
    const removed = remove(slug);
    await stopped.reached;

    expect(await isThere(slug)).toBe(false);
    await stage.owner.call(await stage.connect({ name: 'Other' }), 'POST', '/orders');
    stopped.release();
    expect((await removed).status).toBe(303);
  });

  test('gives tokens back that came too late for its grant', async () => {
    const { slug } = await held();
    const aside = await keepAside(slug);
    const before = stage.provider.revocations.length;

    await remove(slug);

    expect(tokensAsked(before)).toHaveLength(2);
    expect(tokensAsked(before)).toContain(aside.refreshToken);
  });

  test('gives back what a renewal brings that was in the air', async () => {
    const { slug, refreshToken } = await stage.due({ revocationUrl: stage.provider.revocationUrl });
    const stopped = hold('answer');
    stage.provider.next(stopped.fault);
    const told = stage.renew(slug);
    await stopped.reached;
    const before = stage.provider.revocations.length;
    await remove(slug);

    stopped.release();
    await told;

    const [first, late] = tokensAsked(before);
    expect(first).toBe(refreshToken);
    expect(late).toMatch(/^refresh-/);
    expect([late === first, stage.provider.book.isRedeemable(late ?? '')]).toEqual([false, false]);
  });

  test.each([
    ['has no revocation URL', { revocationUrl: '' }],
    ['has no OAuth', { authType: 'none' }],
  ])('and %s: nobody is asked', async (_what, fields) => {
    const slug = await stage.connect(fields);
    const before = stage.provider.log.length;

    expect((await remove(slug)).location).toBe('/connections?deleted=not-asked');
    expect([await isThere(slug), stage.provider.log.length]).toEqual([false, before]);
  });

  test('by a program goes the same way', async () => {
    const { slug, refreshToken } = await held();
    const before = stage.provider.revocations.length;
    const { status } = await fetch(`${stage.app.url}/api/v1/connections/${slug}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${await newKey(stage.owner, 'owner')}` },
    });

    expect(status).toBe(204);
    expect(tokensAsked(before)).toEqual([refreshToken]);
  });

  test('keeps its grant and tells nobody where somebody may not delete it', async () => {
    const { slug } = await held();
    const before = stage.provider.log.length;
    const { workspaceId } = await withSystem(() => session.findOneOrFail(Connection, { slug }));
    const actor = { workspaceId, role: 'editor', name: 'editor@example.org' } as const;

    const removal = withSession(workspaceId, () => stage.app.running.workings.removal.remove(actor, slug));

    await expect(removal).rejects.toMatchObject({ code: 'not-allowed' });
    expect([await isThere(slug), stage.provider.log.length]).toEqual([true, before]);
  });
});

describe('a page that is asked how a deletion ended', () => {
  test('says nothing of a word it does not know', async () => {
    expect((await stage.owner.get('/connections?deleted=<b>')).text).not.toContain('class="flash"');
  });
});

describe('a grant that is given back', () => {
  test('takes along the tokens that came too late for it, and forgets them here', async () => {
    const { slug } = await held();
    const aside = await keepAside(slug);
    const before = stage.provider.revocations.length;

    await stage.owner.post(`/connections/${slug}/grant/revocation`, {});

    expect(tokensAsked(before)).toContain(aside.refreshToken);
    expect(await stage.attempts(slug)).toMatchObject([{ sealedTokens: null }]);
    expect(stage.provider.book.isRedeemable(aside.refreshToken)).toBe(false);
  });
});
