import { describe, expect, test } from '@jest/globals';
import { session } from '../../src/db/session.ts';
import { withSystem } from '../../src/db/system.ts';
import { idsBy } from '../../src/kernel/ids.ts';
import { Body } from '../../src/model/body.ts';
import { SignIn } from '../../src/model/sign-in.ts';
import { Workspace } from '../../src/model/workspace.ts';
import { openApp } from '../support/app.ts';

const DAY_MS = 24 * 60 * 60_000;

describe('what is over', () => {
  test('is forgotten, and a sign-in that still stands is not', async () => {
    await using app = await openApp();
    await app.owner();
    app.clock.advance(4 * DAY_MS);
    const second = await app.owner();
    app.clock.advance(4 * DAY_MS);

    expect(await app.running.workings.retention.forgetEnded()).toBeGreaterThanOrEqual(1);

    expect(await withSystem(() => session.count(SignIn))).toBe(1);
    expect((await second.get('/account')).status).toBe(303);
  });

  test('is a body that nobody has gone on writing for an hour, and no other', async () => {
    await using app = await openApp();
    const newId = idsBy(app.clock);
    const [dead, coming, kept] = [newId(), newId(), newId()];
    await withSystem(async () => {
      const now = app.clock.now().getTime();
      const [workspace] = await session.find(Workspace, {}, { limit: 1 });
      const row = { workspaceId: workspace!.id, bytes: 1 };
      await session.insert(Body, { ...row, id: dead, sha256: `open:${dead}`, createdAt: new Date(now - 61 * 60_000) });
      await session.insert(Body, { ...row, id: coming, sha256: `open:${coming}`, createdAt: new Date(now - 60_000) });
      await session.insert(Body, { ...row, id: kept, sha256: 'a'.repeat(64), createdAt: new Date(0) });
    });

    await app.running.workings.retention.forgetEnded();

    const left = await withSystem(() => session.find(Body, {}, { orderBy: { id: 'asc' } }));
    expect(left.map(({ id }) => id)).toEqual([coming, kept]);
  });
});
