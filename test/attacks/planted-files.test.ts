import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { epochFileOf } from '../../src/db/epoch-file.ts';
import { SpillFolder } from '../../src/db/spill/spill-folder.ts';
import { newId } from '../db/rows.ts';

/** A folder where somebody else puts files beside ours, and the tokens of a process that died there. */
async function openFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'callbook-planted-'));
  const isAlive = () => Promise.resolve(false);
  const dead = new SpillFolder({ folder, instances: { self: newId(), isAlive }, bytes: 1024 });
  await dead.keep('tokens of the dead');
  const spill = new SpillFolder({ folder, instances: { self: newId(), isAlive }, bytes: 1024 });
  return {
    path: (name: string) => join(folder, name),
    epochs: epochFileOf(join(folder, 'callbook.db')),
    spill,
    async [Symbol.asyncDispose]() {
      await Promise.all([dead.close(), spill.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

type House = Awaited<ReturnType<typeof openFolder>>;

const SPILLS: readonly (readonly [string, (house: House) => unknown])[] = [
  ['a folder', ({ path }) => mkdir(path('planted.spill'))],
  ['a pipe that nobody writes to', ({ path }) => execFileSync('mkfifo', [path('planted.spill')])],
  ['a link that leads nowhere', ({ path }) => symlink(path('nowhere'), path('planted.spill'))],
  [
    'a file as large as can be',
    async ({ path }) => {
      await writeFile(path('planted.spill'), 'x');
      await truncate(path('planted.spill'), 2 ** 40);
    },
  ],
];

describe('a spill folder where somebody put', () => {
  test.each(SPILLS)('%s still gives what the dead left, and says that something is broken', async (_what, plant) => {
    await using house = await openFolder();
    await plant(house);

    const { texts, broken } = await house.spill.find();

    expect(texts.map(({ text }) => text)).toEqual(['tokens of the dead']);
    expect(broken).toBe(1);
  });

  test('a link to a file elsewhere reads nothing there and changes nothing', async () => {
    await using house = await openFolder();
    const elsewhere = new SpillFolder({
      folder: house.path('.'),
      instances: { self: 'elsewhere', isAlive: () => Promise.resolve(false) },
      bytes: 1024,
    });
    await elsewhere.keep('not ours');
    await elsewhere.close();
    const target = house.path('target');
    const bytes = await readFile(house.path('elsewhere.spill'));
    await writeFile(target, bytes);
    await rm(house.path('elsewhere.spill'));
    await symlink(target, house.path('planted.spill'));

    const { texts } = await house.spill.find();
    for (const text of texts) await text.forget();

    expect(texts.map(({ text }) => text)).toEqual(['tokens of the dead']);
    expect(await readFile(target)).toEqual(bytes);
  });
});

const EPOCHS: readonly (readonly [string, (house: House, path: string) => unknown])[] = [
  ['a folder', (_house, path) => mkdir(path)],
  ['a pipe that nobody writes to', (_house, path) => execFileSync('mkfifo', [path])],
  ['a file as large as can be', (_house, path) => writeFile(path, 'x').then(() => truncate(path, 2 ** 40))],
  ['garbage', (_house, path) => writeFile(path, Buffer.from([0xff, 0, 0xfe, 10, 10]))],
];

describe('an epoch file that is', () => {
  test.each(EPOCHS)(
    '%s is read as one of nothing known: the database is doubted, and the start goes on',
    async (_w, plant) => {
      await using house = await openFolder();
      await plant(house, house.path('boot_epoch.callbook.db'));

      expect(house.epochs.read()?.includes('known')).toBe(false);
    },
  );

  test('written past a link in its temporary place, and what that leads to stays as it was', async () => {
    await using house = await openFolder();
    const target = house.path('target');
    await writeFile(target, 'mine');
    await symlink(target, house.path(`boot_epoch.callbook.db.${process.pid}`));

    house.epochs.write(['known']);

    expect(await readFile(target, 'utf8')).toBe('mine');
    expect(house.epochs.read()).toEqual(['known']);
    expect(((await stat(house.path('boot_epoch.callbook.db'))).mode & 0o777).toString(8)).toBe('600');
  });
});
