import { describe, expect, test } from '@jest/globals';
import { Line } from '../../../src/db/sqlite/line.ts';
import { DatabaseBusy } from '../../../src/kernel/errors.ts';

describe('A line', () => {
  test('lets one in at a time, in the order they came', async () => {
    const line = new Line(1_000);
    const seen: number[] = [];
    await line.enter();
    const others = [1, 2, 3].map(async (number) => {
      await line.enter();
      seen.push(number);
      line.leave();
    });
    expect(seen).toEqual([]);
    line.leave();
    await Promise.all(others);
    expect(seen).toEqual([1, 2, 3]);
    await line.enter();
  });

  test('turns away who waited too long, and nobody else', async () => {
    const line = new Line(30);
    await line.enter();
    await expect(line.enter()).rejects.toThrow(DatabaseBusy);
    const next = line.enter();
    line.leave();
    await next;
    line.leave();
    await line.enter();
  });
});
