import Database from 'better-sqlite3';
import { describe, expect, test } from '@jest/globals';
import { noteApiKeyUse } from '../../../src/db/queries/api-keys.ts';
import { session } from '../../../src/db/session.ts';
import { withSystem } from '../../../src/db/system.ts';
import { NotSignedIn, TooMany } from '../../../src/kernel/errors.ts';
import { Workspace } from '../../../src/model/workspace.ts';
import { openKeyBox } from './key-box.ts';

const ADDRESS = '203.0.113.9';
const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const WRONG = `cbk_${'x'.repeat(43)}`;

type Box = Awaited<ReturnType<typeof openKeyBox>>;

const refusal = (work: Promise<unknown>) => work.then(String, (error: unknown) => error);
const lastUsed = async (box: Box) => (await box.inWorkspace(() => box.apiKeys.list()))[0]?.lastUsedAt;

/** Uses up what an address may fail. */
async function failOften(box: Box, times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) await refusal(box.keyGate.whoIs(WRONG, ADDRESS));
}

/** Does the work while another process holds the database's one place for writing. */
async function whileWritten<T>(box: Box, work: () => Promise<T>): Promise<T> {
  const writer = new Database(box.path);
  writer.exec('begin immediate');
  try {
    return await work();
  } finally {
    writer.close();
  }
}

describe('a right API key', () => {
  test('tells the program, its workspace and its role', async () => {
    await using box = await openKeyBox();
    const { id, key } = await box.make('editor');

    expect(await box.keyGate.whoIs(key, ADDRESS)).toEqual({
      by: 'api-key',
      keyId: id,
      workspaceId: box.workspaceId,
      role: 'editor',
      name: 'API key CI',
    });
  });

  test('is noted as used at most once a minute, and costs no write in between', async () => {
    await using box = await openKeyBox();
    const { key } = await box.make('viewer');
    const reader = new Database(box.path, { readonly: true });
    const version = () => reader.pragma('data_version', { simple: true });
    const first = box.clock.now();
    await box.keyGate.whoIs(key, ADDRESS);
    const noted = version();

    box.pass(59 * SECOND_MS);
    await box.keyGate.whoIs(key, ADDRESS);
    const [within, usedWithin] = [version(), await lastUsed(box)];
    box.pass(SECOND_MS);
    await box.keyGate.whoIs(key, ADDRESS);
    const after = version();
    reader.close();

    expect([within, usedWithin]).toEqual([noted, first]);
    expect(after).not.toBe(noted);
    expect(await lastUsed(box)).toEqual(new Date(first.getTime() + MINUTE_MS));
  });

  test('waits for nobody who writes, but to note itself', async () => {
    await using box = await openKeyBox();
    const { key } = await box.make('viewer');
    await box.keyGate.whoIs(key, ADDRESS);

    await expect(whileWritten(box, () => box.keyGate.whoIs(key, ADDRESS))).resolves.toMatchObject({ role: 'viewer' });
  });

  test('is noted once where two processes see it at the same time', async () => {
    await using box = await openKeyBox();
    const { id, key } = await box.make('viewer');
    const first = box.clock.now();
    await box.keyGate.whoIs(key, ADDRESS);

    const later = new Date(first.getTime() + SECOND_MS);
    await withSystem(() => noteApiKeyUse(id, later, new Date(later.getTime() - MINUTE_MS)));

    expect(await lastUsed(box)).toEqual(first);
  });

  test('is let in from an address that has failed too often', async () => {
    await using box = await openKeyBox();
    const { key } = await box.make('viewer');
    await failOften(box, 40);

    await expect(box.keyGate.whoIs(key, ADDRESS)).resolves.toMatchObject({ role: 'viewer' });
  });

  test('opens until the very moment it expires', async () => {
    await using box = await openKeyBox();
    const { key } = await box.make('viewer', new Date(box.clock.now().getTime() + MINUTE_MS));

    box.pass(MINUTE_MS - 1);
    await expect(box.keyGate.whoIs(key, ADDRESS)).resolves.toBeDefined();
    box.pass(1);
    await expect(box.keyGate.whoIs(key, ADDRESS)).rejects.toThrow(NotSignedIn);
  });
});

describe('an API key that opens nothing', () => {
  test('is refused in the same words whatever is wrong with it', async () => {
    await using box = await openKeyBox();
    const revoked = await box.make('owner');
    await box.inWorkspace(() => box.apiKeys.revoke(null, revoked.id));
    const expired = await box.make('owner', new Date(box.clock.now().getTime() + MINUTE_MS));
    const elsewhere = await box.openAnother();
    const orphan = await box.make('owner', null, elsewhere);
    await withSystem(() => session.nativeDelete(Workspace, { id: elsewhere }));
    const cut = (await box.make('owner')).key.slice(0, -1);
    box.pass(MINUTE_MS);

    const refusals = [];
    for (const key of [WRONG, revoked.key, expired.key, orphan.key, cut, '']) {
      refusals.push(await refusal(box.keyGate.whoIs(key, ADDRESS)));
    }

    for (const one of refusals) expect(one).toBeInstanceOf(NotSignedIn);
    expect(new Set(refusals.map(String)).size).toBe(1);
  });

  test('counts against its address, whichever kind it is of', async () => {
    await using box = await openKeyBox();
    const { id, key } = await box.make('owner');
    await box.inWorkspace(() => box.apiKeys.revoke(null, id));
    for (let time = 0; time < 15; time += 1) {
      await refusal(box.keyGate.whoIs(key, ADDRESS));
      await refusal(box.keyGate.whoIs(WRONG, ADDRESS));
    }
    box.pass(MINUTE_MS);

    const [revoked, wrong] = [
      await refusal(box.keyGate.whoIs(key, ADDRESS)),
      await refusal(box.keyGate.whoIs(WRONG, ADDRESS)),
    ];

    expect(revoked).toBeInstanceOf(TooMany);
    expect(wrong).toEqual(revoked);
    expect(revoked).toMatchObject({ retryAfterSeconds: 240 });
    expect(await refusal(box.keyGate.whoIs(WRONG, '203.0.113.10'))).toBeInstanceOf(NotSignedIn);
  });

  test('counts no further once its address is shut out, and writes nothing more', async () => {
    await using box = await openKeyBox();
    await failOften(box, 31);
    box.pass(MINUTE_MS);

    const again = await whileWritten(box, () => refusal(box.keyGate.whoIs(WRONG, ADDRESS)));

    expect(again).toMatchObject({ code: 'too-many', retryAfterSeconds: 240 });
  });

  test('counts against the whole network of an IPv6 address', async () => {
    await using box = await openKeyBox();
    const from = (address: string) => refusal(box.keyGate.whoIs(WRONG, address));
    for (let time = 1; time <= 30; time += 1) await from(`2001:db8::${time}`);

    expect(await from('2001:db8::ffff')).toBeInstanceOf(TooMany);
    expect(await from('2001:db8:0:1::1')).toBeInstanceOf(NotSignedIn);
  });

  test('may be tried again when the window is over', async () => {
    await using box = await openKeyBox();
    await failOften(box, 31);

    box.pass(5 * MINUTE_MS);

    expect(await refusal(box.keyGate.whoIs(WRONG, ADDRESS))).toBeInstanceOf(NotSignedIn);
  });
});
