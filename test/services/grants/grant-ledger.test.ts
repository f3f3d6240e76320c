import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { heldGrant } from '../../../src/db/queries/held-grant.ts';
import { session, withSession } from '../../../src/db/session.ts';
import { USUAL_OAUTH2 } from '../../../src/kernel/auth.ts';
import { systemRandom } from '../../../src/kernel/ids.ts';
import { Connection } from '../../../src/model/connection.ts';
import { Exchange } from '../../../src/model/exchange.ts';
import { Grant } from '../../../src/model/grant.ts';
import { RefreshAttempt } from '../../../src/model/refresh-attempt.ts';
import { loadKeys } from '../../../src/secrets/keys.ts';
import { maskerFor } from '../../../src/secrets/masking.ts';
import { openVault } from '../../../src/secrets/vault.ts';
import { BodyStore } from '../../../src/services/exchanges/body-store.ts';
import { type Draft, ExchangeJournal } from '../../../src/services/exchanges/exchange-journal.ts';
import { GrantLedger } from '../../../src/services/grants/grant-ledger.ts';
import { sealedTokens } from '../../../src/services/grants/grant-seals.ts';
import { connectionFields, grantFields, newId, OURS } from '../../db/rows.ts';
import { TestClock } from '../../support/clock.ts';
import { openTestDatabase } from '../../support/database.ts';

const AUTH = {
  ...USUAL_OAUTH2,
  type: 'oauth2' as const,
  grantType: 'refresh_token' as const,
  tokenUrl: 'https://id.partner.example/token',
  clientId: 'abc',
  clientAuthentication: 'none' as const,
};
const masker = maskerFor({ secrets: [], basicPairs: [], wide: true });

/** A ledger on a database of its own, and one grant in it. */
async function openLedger() {
  const opened = await openTestDatabase();
  const clock = new TestClock();
  const keys = loadKeys({ appKey: randomBytes(32).toString('base64'), file: '', random: systemRandom });
  const vault = openVault(keys, systemRandom);
  const instanceId = opened.database.instances.self;
  const journal = new ExchangeJournal({ bodies: new BodyStore({ newId, clock }), instanceId, keepBytes: 1000 });
  const ledger = new GrantLedger({ clock, newId, instanceId, vault, journal, fingerprint: () => 'f'.repeat(64) });
  const connection = { ...connectionFields(), auth: AUTH };
  const grant = grantFields(connection.id);
  const tokens = sealedTokens(vault, grant.id, { accessToken: 'access-1', refreshToken: 'refresh-1' });
  await withSession(OURS, async () => {
    await session.insert(Connection, connection);
    await session.insert(Grant, { ...grant, ...tokens });
  });
  const read = () => withSession(OURS, () => heldGrant(OURS, connection.id));
  const claim = (seen: Awaited<ReturnType<typeof read>>) => ledger.claim(seen, 'refresh-1', draft(connection), masker);
  /** Attempts and exchanges so far. */
  const counts = () =>
    withSession(OURS, async () => [await session.count(RefreshAttempt), await session.count(Exchange)]);
  return { ledger, read, claim, counts, clock, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
}

function draft({ id, slug, name }: { id: string; slug: string; name: string }): Draft {
  const request = { method: 'POST', url: AUTH.tokenUrl, headers: [], body: null };
  const what = { kind: 'token' as const, connection: { id, slug, name }, generation: 7, request, sentBy: null };
  return { ...what, id: newId(), workspaceId: OURS, startedAt: new Date() };
}

describe('two who have read the same row', () => {
  test('get one lease, one attempt and one pending exchange between them', async () => {
    await using house = await openLedger();
    const seen = await house.read();

    const flights = await Promise.all([house.claim(seen), house.claim(seen)]);

    expect(flights.filter((flight) => flight !== null)).toHaveLength(1);
    expect(await house.counts()).toEqual([1, 1]);
    expect(await house.read()).toMatchObject({ fence: seen.fence + 1, generation: seen.generation });
  });

  test('one late by a whole renewal gets none', async () => {
    await using house = await openLedger();
    const seen = await house.read();
    const flight = await house.claim(seen);
    const life = { tokenType: 'bearer' as const, scope: null, expiresAt: new Date(2e12), refreshExpiresAt: null };
    const tokens = { ...life, accessToken: 'access-2', refreshToken: 'refresh-2' };
    await house.ledger.store(flight!, tokens, house.clock.now());

    expect(await house.claim(seen)).toBeNull();
    expect(await house.counts()).toEqual([1, 1]);
  });

  test('one that saw a lease which was given back since takes nothing away', async () => {
    await using house = await openLedger();
    const flight = await house.claim(await house.read());
    const leased = await house.read();
    const standing = { state: 'held' as const, reason: 'http-503', detail: null, failures: 1, retryAt: new Date(2e12) };
    const end = { state: 'failed' as const, outcome: 'transient', reason: 'http-503', detail: null };
    await house.ledger.release(flight!, standing, end);

    await house.ledger.recover(leased);

    expect(await house.read()).toMatchObject({ ...standing, fence: flight!.fence, leaseInstance: null });
  });
});
