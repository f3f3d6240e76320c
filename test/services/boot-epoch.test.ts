import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { openStage, type Stage } from './grants/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const epoch = () => stage.app.running.workings.bootEpoch;
const file = () => `${stage.app.folder}/boot_epoch.callbook.db`;

/** Puts the token columns of an older copy back, and the epoch that stood beside them. */
async function copied() {
  const copy = `${stage.app.folder}/copy-${Date.now()}.db`;
  const rows = new Database(stage.app.databaseFile);
  await rows.backup(copy);
  return () => {
    rows.exec(`attach '${copy}' as old; begin immediate; delete from "grant"; insert into "grant" select * from old."grant";
      delete from meta where key = 'boot-epoch'; insert into meta select * from old.meta where key = 'boot-epoch'; commit`);
    rows.close();
  };
}

/** A grant renewed after the copy was made, and the copy put back. */
async function restored(rules: Partial<Stage['provider']['book']['rules']>) {
  stage.provider.book.rules = { ...stage.provider.book.rules, rotation: true, graceSeconds: 0, ...rules };
  const { slug, refreshToken } = await stage.hold();
  await epoch().keepUp();
  const putBack = await copied();
  await stage.renew(slug);
  await epoch().keepUp();
  putBack();
  expect(await epoch().check()).toBeGreaterThan(0);
  return { slug, refreshToken, calls: stage.provider.asked.byRefreshToken.get(refreshToken) ?? 0 };
}

describe('a start', () => {
  test('renews the epoch in the database and in a file for its owner only, and doubts nothing', async () => {
    const { slug } = await stage.hold();
    const before = await readFile(file(), 'utf8');
    expect(((await stat(file())).mode & 0o777).toString(8)).toBe('600');

    expect(await epoch().check()).toBe(0);

    expect(await readFile(file(), 'utf8')).not.toBe(before);
    expect(await stage.grant(slug)).toMatchObject({ state: 'held', reason: null });
    expect((await readdir(stage.app.folder)).filter((name) => name.startsWith('boot_epoch'))).toHaveLength(1);
  });

  test('after a crash between file and database doubts nothing', async () => {
    await stage.hold();
    const { epochFile } = stage.app.running.database;
    epochFile.write([...(epochFile.read() ?? []), 'the one that was to be next']);

    expect(await epoch().check()).toBe(0);
    expect(epochFile.read()).toHaveLength(1);
  });

  test('without the file doubts every refresh token, once', async () => {
    const { slug } = await stage.hold();
    const alone = await stage.connect();
    await rm(file());

    expect(await epoch().check()).toBeGreaterThan(0);

    expect(await stage.grant(slug)).toMatchObject({ state: 'ambiguous', reason: 'restored-backup', failures: 2 });
    expect(await stage.grant(alone)).toMatchObject({ state: 'missing', reason: null });
    expect(await epoch().check()).toBe(0);
    expect(stage.app.log()).toContain('a backup was put back');
  });
});

describe('a backup that was put back after its tokens were renewed', () => {
  test.each([
    ['does not rotate', { rotation: false }, 'held', 'fresh'],
    ['rotates with a grace', { graceSeconds: 3_600 }, 'held', 'fresh'],
    ['is strict', {}, 'consent-needed', 'consent-needed'],
  ])('serves its access token, then makes one try at a provider that %s', async (_what, rules, state, told) => {
    const { slug, refreshToken, calls } = await restored(rules);
    const asked = () => (stage.provider.asked.byRefreshToken.get(refreshToken) ?? 0) - calls;
    expect(await stage.keep(slug)).toMatchObject({ generation: 1 });
    stage.app.clock.advance(540_000);
    expect(await stage.keep(slug)).toMatchObject({ generation: 1 });
    expect(asked()).toBe(0);

    stage.app.clock.advance(61_000);
    expect(await stage.owner.told(slug)).toMatchObject({ state: told });

    expect(await stage.grant(slug)).toMatchObject({
      state,
      ...(state === 'consent-needed' && { reason: 'restored-backup' }),
    });
    expect((await stage.grant(slug)).detail ?? 'put back').toContain('put back');
    await stage.keep(slug).catch(() => null);
    expect(asked()).toBe(1);
    expect(await stage.attempts(slug)).toHaveLength(2);
  });

  test('is tried once where a 401 asks for it, and left to a person where nobody answers', async () => {
    const { slug } = await restored({});
    stage.provider.next({ status: 502 });
    const wish = { above: 1, insists: false, aheadMs: 0 };

    const calls = await stage.callsDuring(async () => {
      expect(await stage.keep(slug, wish).catch(() => stage.keep(slug))).toMatchObject({ generation: 1 });
      stage.app.clock.advance(60_000);
      await stage.keep(slug, wish).catch(() => null);
    });

    expect(calls).toBe(1);
    expect(await stage.grant(slug)).toMatchObject({ state: 'ambiguous', reason: 'restored-backup', failures: 3 });
  });
});

test('the epoch is left alone where a file is of a newer database: only a start may settle that', async () => {
  const { epochFile } = stage.app.running.database;
  await stage.hold();
  epochFile.write(['of a newer one']);

  await epoch().keepUp();

  expect(epochFile.read()).toEqual(['of a newer one']);
  expect(await epoch().check()).toBeGreaterThan(0);
});
