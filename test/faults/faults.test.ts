import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { KILL_POINTS } from './kill-points.ts';
import { Killings } from './kills.ts';

const pointOf = (name: string) => KILL_POINTS.find((point) => point.name === name)!;

describe('a process that is killed in the middle of a renewal, with a strict provider', () => {
  let killings: Killings;
  beforeAll(async () => {
    killings = await Killings.open('strict');
  }, 60_000);
  afterAll(() => killings[Symbol.asyncDispose]());

  test.each(['K1', 'K4', 'K6', 'K7', 'K9'])(
    '%s leaves everybody with the one right end after one further request',
    async (name) => {
      expect(await killings.kill(pointOf(name))).toMatchObject({ wrong: [], doubleSpent: 0 });
    },
    60_000,
  );
});

describe('a process that is killed in the middle of a renewal, with a provider that has a grace of 30 s', () => {
  test('K5 costs nothing', async () => {
    await using killings = await Killings.open('grace 30 s');

    expect(await killings.kill(pointOf('K5'))).toMatchObject({ wrong: [], doubleSpent: 0 });
  }, 60_000);
});
