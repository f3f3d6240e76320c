import { mkdtemp, open, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { SpillFolder } from '../../../src/db/spill/spill-folder.ts';
import { newId } from '../rows.ts';

const ROOM = 8 * 1024;

/** A folder for the spill files of several processes, each alive until it is said to be dead. */
async function openFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'callbook-spill-'));
  const dead = new Set<string>();
  const isAlive = (id: string) => Promise.resolve(!dead.has(id));
  const spills: SpillFolder[] = [];
  return {
    folder,
    process() {
      const self = newId();
      const spill = new SpillFolder({ folder, instances: { self, isAlive }, bytes: ROOM });
      spills.push(spill);
      const path = join(folder, `${self}.spill`);
      return { self, spill, path, die: () => dead.add(self) };
    },
    files: () => readdir(folder),
    async [Symbol.asyncDispose]() {
      await Promise.all(spills.map((spill) => spill.close()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const textsOf = async (spill: SpillFolder) => (await spill.find()).texts.map(({ text }) => text);

/** Changes one byte of a file. */
async function flip(path: string, at: number): Promise<void> {
  const bytes = await readFile(path);
  bytes.writeUInt8((bytes[at] ?? 0) ^ 1, at);
  await writeFile(path, bytes);
}

describe('a process that spills', () => {
  test('has taken the room beforehand, for its owner only', async () => {
    await using house = await openFolder();
    const { spill, path } = house.process();
    expect(await house.files()).toEqual([]);

    await spill.prepare();

    const { size, mode, blocks } = await stat(path);
    expect([size, (mode & 0o777).toString(8), blocks * 512 >= ROOM]).toEqual([ROOM, '600', true]);
  });

  test('stays within its room while there is some, and uses again what was forgotten', async () => {
    await using house = await openFolder();
    const { spill, path } = house.process();
    const [first, ...others] = await Promise.all(
      ['a', 'b', 'c', 'd'].map((letter) => spill.keep(letter.repeat(2_000))),
    );
    await first?.forget();
    await spill.keep('e'.repeat(1_500));

    expect((await stat(path)).size).toBe(ROOM);
    const bytes = await readFile(path, 'latin1');
    expect([bytes.includes('aa'), bytes.includes('ee'), bytes.includes('dd')]).toEqual([false, true, true]);
    expect(others).toHaveLength(3);
  });

  test('grows where its room is full, and says so where the disk does not let it', async () => {
    await using house = await openFolder();
    const { spill, self } = house.process();
    await spill.keep('a'.repeat(ROOM - 512));
    await spill.keep('b'.repeat(ROOM));
    const neighbour = house.process();

    expect((await textsOf(neighbour.spill)).map((text) => text.length)).toEqual([ROOM - 512, ROOM]);

    const other = new SpillFolder({
      folder: join(house.folder, 'not-there'),
      instances: { self, isAlive: () => Promise.resolve(true) },
    });
    await expect(other.keep('c')).rejects.toThrow('ENOENT');
  });

  test('leaves nothing behind when all was forgotten, and its file where it was not', async () => {
    await using house = await openFolder();
    const done = house.process();
    const undone = house.process();
    await (await done.spill.keep('stored meanwhile')).forget();
    await undone.spill.keep('not stored');
    await done.spill.close();
    await undone.spill.close();

    expect(await house.files()).toEqual([`${undone.self}.spill`]);
  });
});

describe('what a process has spilled', () => {
  test('is found by others, in order, and zeroed by them once it is dead', async () => {
    await using house = await openFolder();
    const { spill, die, path } = house.process();
    await spill.keep('first, ünïcode');
    await spill.keep('second');
    const neighbour = house.process();
    const seen = await neighbour.spill.find();
    for (const text of seen.texts) await text.forget();
    expect(await textsOf(neighbour.spill)).toEqual(['first, ünïcode', 'second']);

    die();
    const { texts } = await neighbour.spill.find();
    await texts[0]?.forget();
    expect(await readFile(path, 'utf8')).not.toContain('first');
    expect(await textsOf(neighbour.spill)).toEqual(['second']);
    await texts[1]?.forget();
    await texts[1]?.forget();

    expect(await house.files()).toEqual([]);
  });

  test('is not its own find: it knows of it already', async () => {
    await using house = await openFolder();
    const { spill } = house.process();
    await spill.keep('mine');

    expect(await spill.find()).toEqual({ texts: [], broken: 0 });
  });

  test.each([
    ['a bit of its text flipped', 512 + 100],
    ['a bit of its length flipped', 512 + 7],
    ['a bit of its sum flipped', 512 + 9],
    ['a bit of its mark flipped', 512 + 1],
  ])('is told as broken with %s, and the others are whole', async (_what, at) => {
    await using house = await openFolder();
    const { spill, die, path } = house.process();
    for (const text of ['one', 'x'.repeat(900), 'three']) await spill.keep(text);
    await flip(path, at);
    die();

    expect(await house.process().spill.find()).toMatchObject({
      texts: [{ text: 'one' }, { text: 'three' }],
      broken: 1,
    });
  });

  test('is told as broken where it was cut off, by a process that died while it wrote', async () => {
    await using house = await openFolder();
    const { spill, die, path } = house.process();
    await spill.keep('whole');
    await spill.keep('y'.repeat(2_000));
    const file = await open(path, 'r+');
    await file.write(Buffer.alloc(1_024), 0, 1_024, 1_024 + 512);
    await file.close();
    const neighbour = house.process().spill;
    expect(await neighbour.find()).toMatchObject({ texts: [{ text: 'whole' }], broken: 0 });
    die();

    expect(await neighbour.find()).toMatchObject({ texts: [{ text: 'whole' }], broken: 1 });
  });

  test.each([0, 3, 5, 517])('is none in a file of %i bytes, and a dead process leaves no such file', async (bytes) => {
    await using house = await openFolder();
    const { spill, die, path } = house.process();
    await spill.prepare();
    await truncate(path, bytes);
    die();

    expect(await house.process().spill.find()).toEqual({ texts: [], broken: 0 });
    expect(await house.files()).toEqual([]);
  });
});
