import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ANSWERS } from './answers.ts';
import { CLOCKS } from './clocks.ts';
import type { FaultRun } from './fault-run.ts';
import { IN_THE_AIR } from './in-the-air.ts';
import { KEYS } from './keys.ts';
import { KILL_POINTS } from './kill-points.ts';
import { Killings } from './kills.ts';
import { SENDS } from './sends.ts';
import { complaintsOf, isClean, lineOf, type Run, runOf, type Tally } from './tally.ts';

const LIMIT_MS = 90_000;
const pointOf = (name: string) => KILL_POINTS.find((point) => point.name === name)!;

/** What went wrong in the short form of some faults, and how many there were. */
async function shortOf({ run }: FaultRun, ...names: string[]): Promise<{ count: number; complaints: string[] }> {
  const extent = { kills: 1, isQuick: true, isTimeUp: () => false, note: () => undefined };
  const tallies: Tally[] = [];
  for await (const tally of run(extent, (name) => names.includes(name))) tallies.push(tally);
  expect(tallies.filter((tally) => !isClean(tally)).map(lineOf)).toEqual([]);
  return { count: tallies.length, complaints: tallies.flatMap(complaintsOf) };
}

describe('a process that is killed in the middle of a renewal, with a strict provider', () => {
  let killings: Killings;
  beforeAll(async () => {
    killings = await Killings.open('strict');
  }, LIMIT_MS);
  afterAll(() => killings[Symbol.asyncDispose]());

  test.each(['K1', 'K4', 'K6', 'K9'])(
    '%s leaves everybody with the one right end after one further request',
    async (name) => {
      expect(await killings.kill(pointOf(name))).toMatchObject({ wrong: [], doubleSpent: 0 });
    },
    LIMIT_MS,
  );
});

describe('a process that is killed in the middle of a renewal, with a provider that has a grace of 30 s', () => {
  test(
    'K5 costs nothing',
    async () => {
      await using killings = await Killings.open('grace 30 s');

      let run: Run | null = null;
      while (!run) run = await killings.kill(pointOf('K5'));

      expect(run).toMatchObject({ wrong: [], doubleSpent: 0 });
    },
    LIMIT_MS,
  );
});

describe('the short form of', () => {
  test.each([
    ['what happens to a renewal in the air', IN_THE_AIR, ['F6', 'F7', 'F8'], 3],
    ['clocks that are set', CLOCKS, ['F29'], 2],
    ['ciphertexts that are not what they were', KEYS, ['F33'], 1],
    ['odd answers', ANSWERS, ['F35'], 16],
    ['calls, and a process that is killed among them,', SENDS, ['B6'], 1],
  ] as const)(
    '%s loses nothing',
    async (_what, fault, names, count) => {
      expect(await shortOf(fault, ...names)).toEqual({ count, complaints: [] });
    },
    LIMIT_MS,
  );
});

describe('a line of the table', () => {
  test('counts what was lost and spent twice, and is not clean then', () => {
    const tally = { fault: 'K4 strict', runs: [runOf([], [1, 2]), runOf(['Lost.'], [30]), runOf([], [4], 1)] };

    expect(lineOf(tally)).toBe('K4 strict, 3, 2, 1, 1, 30 ms');
    expect(isClean(tally)).toBe(false);
    expect(complaintsOf(tally)).toEqual(['K4 strict: Lost. (1 times)']);
    expect(isClean({ fault: 'none', runs: [] })).toBe(false);
  });
});
