import { randomBytes } from 'node:crypto';
import { zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { CHUNK_BYTES } from '../../../src/model/body-chunk.ts';
import { BodyDamaged, packChunk, unpackChunk } from '../../../src/services/exchanges/packed-chunk.ts';

const text = (bytes: number) =>
  Buffer.from('{"id":12345678901234567890,"paid":true}\n'.repeat(bytes / 40 + 1)).subarray(0, bytes);

describe('a chunk of a body', () => {
  test.each([
    ['a small text', text(1024), 'zstd'],
    ['a text that is packed on another thread', text(17 * 1024), 'zstd'],
    ['a full chunk of text', text(CHUNK_BYTES), 'zstd'],
    ['zeros', Buffer.alloc(CHUNK_BYTES), 'zstd'],
    ['a text too short to gain by it', text(1023), 'identity'],
    ['one byte', text(1), 'identity'],
    ['random bytes', randomBytes(CHUNK_BYTES), 'identity'],
    ['what is packed already', zstdCompressSync(randomBytes(9000)), 'identity'],
    ['random bytes with a twentieth of text', Buffer.concat([randomBytes(19_000), text(1000)]), 'identity'],
  ])('is kept as it costs less: %s', async (_what, bytes, coding) => {
    const packed = await packChunk(bytes);

    expect(packed.coding).toBe(coding);
    expect(packed.content.length).toBeLessThanOrEqual(coding === 'zstd' ? 0.9 * bytes.length : bytes.length);
    expect(bytes.equals(await unpackChunk(packed, 0))).toBe(true);
  });

  test.each([
    [
      'another bit in the middle',
      (content: Buffer) => content.with(content.length >> 1, content[content.length >> 1]! ^ 1),
    ],
    ['another checksum', (content: Buffer) => content.with(content.length - 1, content.at(-1)! ^ 1)],
    ['its end missing', (content: Buffer) => content.subarray(0, -1)],
    ['its beginning missing', (content: Buffer) => content.subarray(1)],
    ['nothing left', () => Buffer.alloc(0)],
    ['more in it than a chunk holds', () => zstdCompressSync(Buffer.alloc(CHUNK_BYTES + 1))],
    ['text in its place', () => text(2000)],
  ])('is refused with %s', async (_what, damage) => {
    for (const bytes of [text(5000), Buffer.concat([text(100), Buffer.from(randomBytes(60_000).toString('hex'))])]) {
      const { content } = await packChunk(bytes);
      const damaged = { coding: 'zstd' as const, content: damage(Buffer.from(content)) };

      await expect(unpackChunk(damaged, 3)).rejects.toThrow(BodyDamaged);
      await expect(unpackChunk(damaged, 3)).rejects.toThrow('A kept body is damaged: its chunk 3 does not unpack.');
    }
  });
});
