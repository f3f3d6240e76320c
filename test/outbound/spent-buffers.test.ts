import { describe, expect, test } from '@jest/globals';
import { streamedBy } from '../../src/outbound/spent-buffers.ts';

const MIB = 2 ** 20;
const PIECE = 64 * 1024;

/** The most that 256 MiB in pieces, each dead as soon as it was looked at, hold at a time. */
function mostHeld(after: (bytes: number) => void): number {
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  for (let at = 0; at < 256 * MIB; at += PIECE) {
    after(Buffer.allocUnsafeSlow(PIECE).fill(1).length);
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  }
  return most;
}

describe('buffers that have streamed by', () => {
  test('are given back before they pile up, which they do by themselves', () => {
    const counted = mostHeld(streamedBy);
    const uncounted = mostHeld(() => {});

    expect(counted).toBeLessThan(24 * MIB);
    expect(uncounted).toBeGreaterThan(counted);
  });

  test('leave no collector behind for anybody else', () => {
    expect('gc' in globalThis).toBe(false);
  });
});
