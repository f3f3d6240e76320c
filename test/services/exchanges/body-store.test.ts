import { createHash, randomBytes } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { NotFound } from '../../../src/kernel/errors.ts';
import { session, withSession } from '../../../src/db/session.ts';
import { withSystem } from '../../../src/db/system.ts';
import { Body } from '../../../src/model/body.ts';
import { BodyChunk, CHUNK_BYTES } from '../../../src/model/body-chunk.ts';
import { RecordSize } from '../../../src/model/record-size.ts';
import { Workspace } from '../../../src/model/workspace.ts';
import { BodyStore } from '../../../src/services/exchanges/body-store.ts';
import type { KeptBody } from '../../../src/services/exchanges/body-writer.ts';
import { packBody } from '../../../src/services/exchanges/packed-body.ts';
import { BodyDamaged } from '../../../src/services/exchanges/packed-chunk.ts';
import { oneDatabase } from '../../db/one-database.ts';
import { newId, OURS, THEIRS } from '../../db/rows.ts';
import { TestClock } from '../../support/clock.ts';

const HOUR_MS = 60 * 60_000;
const MIB = 2 ** 20;

oneDatabase();
const clock = new TestClock();
const store = new BodyStore({ newId, clock });
const inOurs = <T>(work: () => Promise<T>) => withSession(OURS, work);
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const counts = () => withSystem(async () => [await session.count(Body), await session.count(BodyChunk)]);
const after = async (work: () => Promise<unknown>) => {
  const [bodies, chunks] = await counts();
  await work();
  const [bodiesThen, chunksThen] = await counts();
  return { bodies: bodiesThen! - bodies!, chunks: chunksThen! - chunks! };
};

/** Writes the bytes in pieces of that size. */
async function written(bytes: Uint8Array, size: number, workspaceId = OURS) {
  const writer = store.open(workspaceId);
  for (let at = 0; at < bytes.length; at += size) await writer.write(bytes.subarray(at, at + size));
  return writer;
}

async function readBack(kept: KeptBody, workspaceId = OURS): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of store.chunks(workspaceId, kept)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

beforeAll(() =>
  withSystem(async () => {
    for (const id of [OURS, THEIRS])
      await session.insert(Workspace, { id, slug: id, name: 'One', createdAt: clock.now() });
  }),
);

describe('a body that comes in pieces', () => {
  test.each([1, 100, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES, 3 * CHUNK_BYTES + 7])(
    'of %d bytes is kept as it was, in as few chunks as it needs',
    async (length) => {
      const bytes = randomBytes(length);
      const rows = await after(() =>
        inOurs(async () => {
          const kept = await (await written(bytes, 65_521)).end();
          expect(kept).toEqual({ id: kept.id, bytes: length, sha256: sha256(bytes) });
          expect((await readBack(kept)).equals(bytes)).toBe(true);
          expect((await store.read(kept.id!)).equals(bytes)).toBe(true);
          expect((await store.keep(OURS, await packBody(bytes))).id).toBe(kept.id);
          expect(await session.findOneOrFail(Body, { id: kept.id! })).toMatchObject({ bytes: length });
        }),
      );
      expect(rows).toEqual({ bodies: 1, chunks: Math.ceil(length / CHUNK_BYTES) });
    },
  );

  test('is not changed by what its sender does with the bytes afterwards', async () => {
    const piece = Buffer.from('first');
    await inOurs(async () => {
      const writer = store.open(OURS);
      await writer.write(piece);
      piece.fill('x');
      expect((await readBack(await writer.end())).toString()).toBe('first');
    });
  });

  test('without bytes needs no row', async () => {
    const rows = await after(() =>
      inOurs(async () => {
        const writer = store.open(OURS);
        await writer.write(new Uint8Array());
        expect(await writer.end()).toEqual({ id: null, bytes: 0, sha256: sha256(new Uint8Array()) });
      }),
    );
    expect(rows).toEqual({ bodies: 0, chunks: 0 });
  });

  test.each([10, 2 * CHUNK_BYTES + 1])('and is known already, with %d bytes, gets the known id', async (length) => {
    const bytes = randomBytes(length);
    const known = await inOurs(async () => (await store.keep(OURS, await packBody(bytes))).id);
    const rows = await after(() =>
      inOurs(async () => expect((await (await written(bytes, 99_991)).end()).id).toBe(known)),
    );
    expect(rows).toEqual({ bodies: 0, chunks: 0 });
  });

  test('is kept once when two of the same content come at a time', async () => {
    const bytes = randomBytes(CHUNK_BYTES * 2);
    const rows = await after(async () => {
      const kept = await Promise.all([1, 2, 3].map(() => inOurs(async () => (await written(bytes, 70_001)).end())));
      expect(new Set(kept.map(({ id }) => id)).size).toBe(1);
      expect((await readBack(kept[0]!)).equals(bytes)).toBe(true);
    });
    expect(rows).toEqual({ bodies: 1, chunks: 2 });
  });

  test('leaves nothing when it is dropped', async () => {
    const rows = await after(() =>
      inOurs(async () => {
        const writer = await written(randomBytes(20 * CHUNK_BYTES), 100_003);
        await writer.drop();
        await writer.drop();
        await store.open(OURS).drop();
      }),
    );
    expect(rows).toEqual({ bodies: 0, chunks: 0 });
  });

  test('ended in a transaction that is rolled back is not kept', async () => {
    const bytes = randomBytes(3 * CHUNK_BYTES);
    await inOurs(async () => {
      const writer = await written(bytes, 100_003);
      const failed = session.transactional(async () => {
        await writer.end();
        throw new Error('undo');
      });
      await expect(failed).rejects.toThrow('undo');
    });
    expect(await withSystem(() => session.count(Body, { sha256: sha256(bytes) }))).toBe(0);
  });

  test('of 40 MiB takes no more memory than a small one', async () => {
    const piece = randomBytes(64 * 1024);
    const hash = createHash('sha256');
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    setFlagsFromString('--no-expose-gc');
    const arrays = () => {
      collect();
      return process.memoryUsage().arrayBuffers;
    };
    let most = 0;
    const before = arrays();
    const kept = await inOurs(async () => {
      const writer = store.open(OURS);
      for (let at = 0; at < 40 * MIB; at += piece.length) {
        piece.writeUInt32BE(at);
        hash.update(piece);
        await writer.write(piece);
        if (at % (4 * MIB) === 0) most = Math.max(most, arrays() - before);
      }
      return writer.end();
    });
    expect(kept).toMatchObject({ bytes: 40 * MIB, sha256: hash.digest('hex') });

    const read = createHash('sha256');
    let count = 0;
    for await (const chunk of store.chunks(OURS, kept)) {
      read.update(chunk);
      if ((count += 1) % 16 === 0) most = Math.max(most, arrays() - before);
    }
    expect(read.digest('hex')).toBe(kept.sha256);
    expect(most).toBeLessThan(16 * MIB);
  }, 120_000);
});

describe('what a body takes', () => {
  const text = Buffer.from('The same sentence again and again. '.repeat(30_000));
  const told = () => withSystem(async () => (await session.findOneOrFail(RecordSize, { workspaceId: OURS })).bodyBytes);
  const stored = (bodyId: string) =>
    inOurs(async () =>
      (await session.find(BodyChunk, { bodyId })).reduce((sum, { content }) => sum + content.length, 0),
    );

  test.each([
    ['in hand', async (bytes: Buffer) => store.keep(OURS, await packBody(bytes))],
    ['that comes in pieces', async (bytes: Buffer) => (await written(bytes, 65_521)).end()],
  ])('is counted as it is stored, of one %s', async (what, keep) => {
    const bytes = Buffer.concat([Buffer.from(what), text]);
    const before = await told();
    const kept = await inOurs(() => keep(bytes));
    const taken = await stored(kept.id!);

    expect(kept.bytes).toBe(bytes.length);
    expect(taken).toBeLessThan(bytes.length / 100);
    expect(await inOurs(() => session.findOneOrFail(Body, { id: kept.id! }))).toMatchObject({ storedBytes: taken });
    expect((await told()) - before).toBe(taken);
    expect((await readBack(kept)).equals(bytes)).toBe(true);
    await inOurs(() => keep(bytes));
    expect((await told()) - before).toBe(taken);
  });
});

describe('a body that decayed', () => {
  const decay = async (kept: KeptBody, position: number, change: (content: Buffer) => Uint8Array) =>
    inOurs(async () => {
      const chunk = await session.findOneOrFail(BodyChunk, { bodyId: kept.id!, position });
      chunk.content = change(Buffer.from(chunk.content));
      await session.flush();
    });

  test('is not read, packed or plain', async () => {
    const text = Buffer.from(`${newId()} `.repeat(20_000));
    const kept = await inOurs(async () => store.keep(OURS, await packBody(text)));
    await decay(kept, 1, (content) => content.subarray(0, -1));

    await expect(inOurs(() => store.read(kept.id!))).rejects.toThrow(BodyDamaged);
    await expect(readBack(kept)).rejects.toThrow('its chunk 1 does not unpack');
    expect((await inOurs(() => store.read(kept.id!, 100))).equals(text.subarray(0, 100))).toBe(true);

    const plain = await inOurs(async () => store.keep(OURS, await packBody(randomBytes(2 * CHUNK_BYTES))));
    await decay(plain, 0, (content) => content.with(7, content[7]! ^ 1));
    await expect(readBack(plain)).rejects.toThrow('its hash is another one');
  });
});

describe("another workspace's body", () => {
  test('is neither shared nor read', async () => {
    const bytes = randomBytes(CHUNK_BYTES + 1);
    const theirs = await withSession(THEIRS, async () => (await written(bytes, 90_001, THEIRS)).end());
    const ours = await inOurs(async () => (await written(bytes, 90_001)).end());

    expect(ours.id).not.toBe(theirs.id);
    await expect(readBack(theirs)).rejects.toThrow(NotFound);
    expect(await inOurs(() => store.read(theirs.id!))).toHaveLength(0);
  });

  test('cannot be written from our session', async () => {
    await inOurs(async () => {
      const writer = store.open(THEIRS);
      await writer.write(randomBytes(10));
      await expect(writer.end()).rejects.toMatchObject({ name: 'WorkspaceCrossed' });
    });
  });
});

describe('a body whose writer died', () => {
  test('is swept after an hour, and those that are kept or still coming stay', async () => {
    const bytes = randomBytes(20 * CHUNK_BYTES);
    const kept = await inOurs(async () => (await written(bytes, 100_003)).end());
    clock.advance(HOUR_MS + 1);
    await withSystem(() => store.sweepOpen());
    const rows = await after(async () => {
      await inOurs(async () => void (await written(randomBytes(18 * CHUNK_BYTES), 100_003)));
      await withSession(THEIRS, async () => void (await written(randomBytes(2 * CHUNK_BYTES), 100_003, THEIRS)));
      clock.advance(HOUR_MS + 1);
      await inOurs(async () => {
        const coming = await written(bytes.subarray(1), 100_003);
        expect(await withSystem(() => store.sweepOpen())).toBe(2);
        expect(await withSystem(() => store.sweepOpen())).toBe(0);
        expect((await readBack(await coming.end())).equals(bytes.subarray(1))).toBe(true);
      });
    });
    expect(rows).toEqual({ bodies: 1, chunks: 20 });
    expect((await readBack(kept)).equals(bytes)).toBe(true);
  });

  test('throws when it comes to life after that', async () => {
    await inOurs(async () => {
      const writer = await written(randomBytes(2 * CHUNK_BYTES), 100_003);
      clock.advance(HOUR_MS + 1);
      await withSystem(() => store.sweepOpen());
      await expect(writer.end()).rejects.toThrow('swept');
    });
  });
});
