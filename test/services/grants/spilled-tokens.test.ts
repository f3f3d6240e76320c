import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { SpillFolder } from '../../../src/db/spill/spill-folder.ts';
import { session } from '../../../src/db/session.ts';
import { withSystem } from '../../../src/db/system.ts';
import { systemRandom } from '../../../src/kernel/ids.ts';
import { RefreshAttempt } from '../../../src/model/refresh-attempt.ts';
import { fingerprint } from '../../../src/secrets/fingerprint.ts';
import { loadKeys } from '../../../src/secrets/keys.ts';
import { openVault } from '../../../src/secrets/vault.ts';
import { type SpilledSet, spilledText } from '../../../src/services/grants/spilled-set.ts';
import { newId } from '../../db/rows.ts';
import { hold } from '../../support/provider.ts';
import { answerFor, keysOf, neighbourOf, spillVaultOf } from './neighbour.ts';
import { openStage, type Stage } from './stage.ts';

let stage: Stage;
let rows: Database.Database;
beforeAll(async () => {
  stage = await openStage();
  rows = new Database(stage.app.databaseFile);
});
afterAll(async () => {
  rows.close();
  await stage[Symbol.asyncDispose]();
});
afterEach(() => {
  rows.exec('drop trigger if exists refuse');
  expect(stage.provider.asked.doubleSpends).toBe(0);
});

/** From now on no new token set is taken; anything else is. */
const refuse = () =>
  rows.exec(`create trigger if not exists refuse before update on "grant" when new.generation > old.generation
    begin select raise(abort, 'no room'); end`);
const accept = () => rows.exec('drop trigger refuse');
const spilled = () => stage.app.running.workings.spilled;
const folder = () => `${stage.app.databaseFile}-instances`;
const said = (words: string) => stage.app.log().split(words).length - 1;

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function spillBytes(): Promise<string> {
  const files = (await readdir(folder())).filter((name) => name.endsWith('.spill'));
  return (await Promise.all(files.map((name) => readFile(join(folder(), name), 'latin1')))).join('');
}

/** A renewal whose tokens the database refuses until its lease is almost over. */
async function spilling(slug: string) {
  refuse();
  const tries = said('New tokens could not be stored yet');
  const kept = stage.keep(slug);
  await until(() => said('New tokens could not be stored yet') > tries);
  stage.app.clock.advance(26_000);
  return kept;
}

/** A grant whose renewal brought tokens to a process that spilled them and died; `moved` is what became of its row since. */
async function leftByDead(changes: Partial<SpilledSet> = {}, vault = spillVaultOf(stage), moved: object = {}) {
  const { slug, refreshToken } = await stage.due();
  const { id, generation, fence, workspaceId, connectionId } = await stage.grant(slug);
  const redeemed = stage.provider.book.redeem(refreshToken);
  if (redeemed.kind !== 'issued') throw new Error('The provider refused.');
  const self = newId();
  const attemptId = newId();
  const startedAt = stage.app.clock.now();
  const lease = { leaseInstance: self, leaseUntil: new Date(startedAt.getTime() + 30_000), fence: fence + 1 };
  await stage.plant(slug, { ...lease, ...moved });
  const attempt = { generation, fence: fence + 1, state: 'intent' as const, leaseUntil: lease.leaseUntil, startedAt };
  const whose = { workspaceId, connectionId, grantId: id, instanceId: self, exchangeId: newId() };
  const spent = { fingerprint: fingerprint(keysOf(stage), refreshToken) };
  await withSystem(() => session.insert(RefreshAttempt, { id: attemptId, ...whose, ...attempt, ...spent }));
  const { accessToken, refreshToken: next } = redeemed.tokens;
  const life = { expiresAt: new Date(startedAt.getTime() + 600_000), refreshExpiresAt: null };
  const tokens = { accessToken, refreshToken: next, tokenType: 'bearer' as const, scope: 'orders', ...life };
  const place = { grantId: id, workspaceId, connectionId, slug, generation, fence: fence + 1, attemptId, startedAt };
  // Written elsewhere and moved there whole: the app looks every few seconds, and clears an empty file of a dead one away.
  const aside = await mkdtemp(join(stage.app.folder, 'dead-'));
  const file = new SpillFolder({ folder: aside, instances: { self, isAlive: () => Promise.resolve(true) } });
  await file.keep(spilledText(vault, { ...place, tokens, ...changes }));
  await file.close();
  await rename(join(aside, `${self}.spill`), join(folder(), `${self}.spill`));
  const calls = stage.provider.asked.total;
  return { slug, self, tokens, attemptId, asked: () => stage.provider.asked.total - calls };
}

describe('a database that takes no tokens', () => {
  test('for three tries keeps the caller waiting, who then has them from the row', async () => {
    const { slug } = await stage.due();
    refuse();
    const tries = said('New tokens could not be stored yet');
    let isTold = false;
    const kept = stage.keep(slug).finally(() => (isTold = true));
    await until(() => said('New tokens could not be stored yet') >= tries + 3);
    expect(isTold).toBe(false);
    accept();

    expect(await kept).toMatchObject({ generation: 2 });
    expect(await stage.grant(slug)).toMatchObject({ state: 'held', generation: 2, leaseInstance: null });
    expect(said('kept in the spill file')).toBe(0);
  });

  test('until the lease is almost over has them spilled; they serve, and arrive when it takes them', async () => {
    const { slug } = await stage.due();
    const first = await spilling(slug);
    expect(first).toMatchObject({ generation: 2 });
    expect(await stage.grant(slug)).toMatchObject({ generation: 1 });
    expect(await spilled().replay()).toBe(0);

    stage.app.clock.advance(10_000);
    const calls = await stage.callsDuring(async () => {
      expect(await Promise.all([stage.keep(slug), stage.keep(slug)])).toEqual([first, first]);
      await stage.app.running.workings.sweep.recover();
      await stage.owner.call(slug, 'GET', '/orders');
    });
    expect(calls).toBe(0);
    expect(await stage.leaks()).toEqual([]);
    const bytes = await spillBytes();
    expect(stage.provider.secrets().filter((secret) => bytes.includes(secret))).toEqual([]);
    expect(bytes).toContain('sealed');

    accept();
    await spilled().replay();
    expect(await stage.grant(slug)).toMatchObject({ state: 'held', generation: 2, leaseInstance: null });
    expect(await stage.attempts(slug)).toMatchObject([{ state: 'done', outcome: 'granted', sealedTokens: null }]);
    expect(await spillBytes()).toMatch(/^\0*$/);
    expect(await stage.keep(slug)).toEqual(first);
    stage.app.clock.advance(600_000);
    expect(await stage.keep(slug)).toMatchObject({ generation: 3 });
  });

  test('gives no newer ones to a call that was refused with those, and asks the provider for none', async () => {
    const { slug } = await stage.due();
    await spilling(slug);

    const calls = await stage.callsDuring(() =>
      expect(stage.keep(slug, { above: 2, insists: false, aheadMs: 0 })).rejects.toMatchObject({
        code: 'database-busy',
      }),
    );

    expect(calls).toBe(0);
    accept();
    expect(await stage.keep(slug, { above: 2, insists: false, aheadMs: 0 })).toMatchObject({ generation: 3 });
  });

  test('because the disk is full has them spilled all the same: room was taken beforehand', async () => {
    const script = join(import.meta.dirname, 'full-disk.ts');
    const { stdout } = await promisify(execFile)(process.execPath, [script]);

    expect(JSON.parse(stdout)).toEqual({
      told: 2,
      whileFull: { row: 1, again: 2 },
      replayed: 1,
      afterwards: { row: 2, calls: 1 },
    });
  });

  test('and a grant that is revoked meanwhile: they are kept on the attempt and given back', async () => {
    const { slug } = await stage.due({ revocationUrl: stage.provider.revocationUrl });
    const first = await spilling(slug);
    accept();
    const before = stage.provider.revocations.length;
    await stage.plant(slug, { state: 'revoked', generation: 5, fence: 99, sealedRefreshToken: null });

    await spilled().replay();

    expect(await stage.grant(slug)).toMatchObject({ state: 'revoked', generation: 5 });
    expect(await stage.attempts(slug)).toMatchObject([{ outcome: 'overtaken', sealedTokens: expect.any(String) }]);
    expect(stage.provider.revocations.slice(before)).toHaveLength(1);
    expect(stage.provider.isLive(first.accessToken)).toBe(false);
    expect(await spillBytes()).toMatch(/^\0*$/);
  });

  test('and a connection that is deleted meanwhile: nothing keeps them', async () => {
    const { slug } = await stage.due();
    await spilling(slug);
    accept();
    expect((await stage.owner.post(`/connections/${slug}/deletion`, {})).status).toBeLessThan(400);

    await spilled().replay();

    expect(await spillBytes()).toMatch(/^\0*$/);
  });
});

describe('tokens that neither the database nor the spill takes', () => {
  test('are told of to nobody, and arrive in whichever takes them first', async () => {
    const { slug } = await stage.due();
    const { spill } = stage.app.running.database;
    const keep = spill.keep.bind(spill);
    spill.keep = () => Promise.reject(new Error('ENOSPC'));

    await expect(spilling(slug)).rejects.toThrow('ENOSPC');
    expect(await stage.keep(slug)).toMatchObject({ generation: 1 });
    stage.app.clock.advance(60_000);
    const calls = await stage.callsDuring(() => expect(stage.keep(slug)).rejects.toThrow('wait for the database'));
    expect(calls).toBe(0);
    spill.keep = keep;
    await spilled().replay();
    expect(await stage.keep(slug)).toMatchObject({ generation: 2 });
    accept();

    await spilled().replay();
    expect(await stage.grant(slug)).toMatchObject({ state: 'held', generation: 2 });
  });
});

describe('tokens spilled by a process that died', () => {
  test('arrive at start, before anybody tries the old refresh token again', async () => {
    const { slug, self, tokens, asked } = await leftByDead();

    await spilled().replay();
    await stage.app.running.workings.sweep.recover();

    expect(await stage.keep(slug)).toMatchObject({ generation: 2, accessToken: tokens.accessToken });
    expect(await stage.attempts(slug)).toMatchObject([{ state: 'done', outcome: 'granted' }]);
    expect([asked(), (await readdir(folder())).includes(`${self}.spill`)]).toEqual([0, false]);
  });

  test('arrive with the first caller who finds the lease left behind', async () => {
    const { slug, tokens, asked } = await leftByDead();

    expect(await stage.keep(slug)).toMatchObject({ generation: 2, accessToken: tokens.accessToken });
    expect(asked()).toBe(0);
  });

  test('serve while the database takes none', async () => {
    const { slug, tokens, asked } = await leftByDead();
    refuse();
    stage.app.clock.advance(120_000);

    expect(await stage.keep(slug).catch(() => stage.keep(slug))).toMatchObject({ accessToken: tokens.accessToken });
    expect([asked(), await stage.grant(slug)]).toMatchObject([0, { generation: 1 }]);
    accept();
    await spilled().replay();
  });

  test('arrive though the lease was taken away before: the grant still holds the token they were had for', async () => {
    const { slug, tokens } = await leftByDead();
    await stage.plant(slug, { leaseInstance: null, leaseUntil: null, fence: 50, state: 'ambiguous' });

    await spilled().replay();
    expect(await stage.keep(slug)).toMatchObject({ generation: 2, accessToken: tokens.accessToken });
  });

  test('arrive though the lease is taken away in the moment they are offered', async () => {
    const other = newId();
    const taken = `update "grant" set lease_instance = null, lease_until = null, fence = 50, state = 'ambiguous'
      where lease_instance = ?`;
    // Asked after the grant was read and before its tokens are stored.
    using lookedUp = whenAskedFor(other, () => rows.prepare(taken).run(other));
    const { slug, tokens, asked } = await leftByDead({}, undefined, { leaseInstance: other, fence: 45 });

    await spilled().replay();
    expect(lookedUp.times).toBeGreaterThan(0);
    expect((await stage.grant(slug)).fence).toBe(50);
    expect(await stage.keep(slug)).toMatchObject({ generation: 2, accessToken: tokens.accessToken });
    expect([asked(), await stage.attempts(slug)]).toMatchObject([0, [{ state: 'done', outcome: 'granted' }]]);
  });

  test('wait while somebody else tries the old refresh token, and are kept aside where that was answered', async () => {
    const { slug } = await leftByDead();
    stage.provider.book.rules = { ...stage.provider.book.rules, graceSeconds: 600 };
    await stage.plant(slug, { leaseInstance: null, leaseUntil: null, state: 'ambiguous', fence: 50 });
    const held = hold('answer');
    stage.provider.next(held.fault);
    const kept = stage.keep(slug);
    await held.reached;

    expect(await spilled().replay()).toBe(0);
    held.release();
    expect(await kept).toMatchObject({ generation: 2 });
    await spilled().replay();

    expect(await stage.attempts(slug)).toMatchObject([{ outcome: 'overtaken' }, { outcome: 'granted' }]);
    stage.provider.book.rules = { ...stage.provider.book.rules, graceSeconds: 0 };
  });

  test('are stored once, though the process died again before it could zero them', async () => {
    const { slug, self, attemptId } = await leftByDead();
    const files = new SpillFolder({
      folder: folder(),
      instances: { self: newId(), isAlive: (id) => Promise.resolve(id !== self) },
    });
    const { texts } = await files.find();
    await spilled().replay();
    const again = new SpillFolder({
      folder: folder(),
      instances: { self: newId(), isAlive: () => Promise.resolve(true) },
    });
    for (const { text } of texts) if (text.includes(attemptId)) await again.keep(text);
    await again.close();
    const before = await stage.grant(slug);

    await spilled().replay();

    expect(await stage.grant(slug)).toMatchObject({ generation: 2, fence: before.fence, updatedAt: before.updatedAt });
    expect(await stage.attempts(slug)).toMatchObject([{ state: 'done', outcome: 'granted', sealedTokens: null }]);
  });

  test.each([
    ['sealed with a key that is not here', () => leftByDead({}, foreignVault())],
    ['moved to another grant', () => leftByDead({ grantId: newId() }, meddledVault())],
  ])('but %s stay where they are, and the log says so once', async (_what, left) => {
    const { slug, self } = await left();
    const told = said('do not open');

    expect([await spilled().replay(), await spilled().replay()]).toEqual([0, 0]);

    expect(said('do not open')).toBe(told + 1);
    expect(await readdir(folder())).toContain(`${self}.spill`);
    expect(await stage.grant(slug)).toMatchObject({ generation: 1 });
    await stage.plant(slug, { leaseInstance: null, leaseUntil: null, state: 'consent-needed' });
  });
});

describe('a neighbour that cannot store what it got', () => {
  test('is helped by the one that finds its lease run out, and zeroes its own file', async () => {
    const { slug } = await stage.due();
    const first = await spilling(slug);
    await using neighbour = neighbourOf(stage);
    accept();
    stage.app.clock.advance(31_000);
    neighbour.bury(stage.app.running.database.instances.self);

    const calls = await stage.callsDuring(() => neighbour.workings.sweep.recover());

    expect(calls).toBe(0);
    expect(await stage.grant(slug)).toMatchObject({ state: 'held', generation: 2 });
    await spilled().replay();
    expect(await stage.keep(slug)).toEqual(first);
    expect(await stage.attempts(slug)).toMatchObject([{ state: 'done', outcome: 'granted', sealedTokens: null }]);
  });
});

/** Does something when it is asked whether this instance is alive, which it is not. */
function whenAskedFor(dead: string, act: () => unknown) {
  return answerFor(stage, dead, () => {
    act();
    return false;
  });
}

function foreignVault() {
  const keys = loadKeys({ appKey: randomBytes(32).toString('base64'), file: '', random: systemRandom });
  return openVault(keys, systemRandom, 'spill');
}

/** Seals for whichever place it is asked, except that the place is not the one it is told to be at. */
function meddledVault() {
  const vault = spillVaultOf(stage);
  return { ...vault, seal: (secret: string) => vault.seal(secret, { table: 'spill', column: '1', row: newId() }) };
}
