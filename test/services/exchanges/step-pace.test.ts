import { setImmediate as breathe } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { StepPace } from '../../../src/services/exchanges/step-pace.ts';

/** What a step takes, in milliseconds: its turn to come, its work, its commit, and what has to be over afterwards. */
interface Step {
  readonly waits?: number;
  readonly works?: number;
  readonly commits?: number;
  readonly afterwards?: number;
}

let now: number;
let current: Required<Step>;
let events: string[];
let pace: StepPace;

const NOTHING = { waits: 0, works: 0, commits: 0, afterwards: 0 };

beforeEach(() => {
  now = 1_000;
  current = NOTHING;
  events = [];
  pace = new StepPace({
    elapsed: () => now,
    async inTransaction(work) {
      await spend(current.waits);
      const result = await work();
      await spend(current.commits);
      return result;
    },
    async rest(ms) {
      await spend(ms);
      events.push(`rest ${ms}`);
    },
    async afterwards() {
      events.push('afterwards');
      await spend(current.afterwards);
    },
  });
});

/** Others have their turn meanwhile, as where time really passes. */
async function spend(ms: number): Promise<void> {
  await breathe();
  now += ms;
}

async function step(took: Step): Promise<string> {
  current = { ...NOTHING, ...took };
  return pace.step(async () => {
    await spend(current.works);
    return 'done';
  });
}

/** The rows of the steps that follow some that take so long each. */
async function rowsAfter(...works: number[]): Promise<number[]> {
  const rows: number[] = [];
  for (const ms of works) {
    await step({ works: ms });
    rows.push(pace.rows);
  }
  return rows;
}

describe('the rows of a step', () => {
  test('are twenty at first, and as many as fit in eight milliseconds from then on', async () => {
    expect(pace.rows).toBe(20);
    expect(await rowsAfter(8, 16, 8, 5)).toEqual([20, 10, 10, 16]);
  });

  test('at most double, and end at two hundred, where steps take next to nothing', async () => {
    expect(await rowsAfter(0, 0, 0.5, 1, 1)).toEqual([40, 80, 160, 200, 200]);
  });

  test('are five at the fewest, however long those take', async () => {
    expect(await rowsAfter(1_000, 1_000)).toEqual([5, 5]);
    expect(await rowsAfter(4)).toEqual([10]);
  });

  test('are told by the work alone: neither the wait for the database nor the commit changes them', async () => {
    await step({ waits: 5_000, works: 8, commits: 300, afterwards: 700 });
    expect(pace.rows).toBe(20);
  });
});

describe('the rest after a step', () => {
  test('is twice what the work and its commit took, not the wait', async () => {
    await step({ waits: 5_000, works: 8, commits: 12 });
    expect(events).toEqual(['rest 40', 'afterwards']);
  });

  test('is a fifth of a second at the longest', async () => {
    await step({ works: 60, commits: 60 });
    expect(events).toEqual(['rest 200', 'afterwards']);
  });
});

test('a step is over when what comes afterwards is, and gives what its work gave', async () => {
  expect(await step({ works: 8, afterwards: 900 })).toBe('done');
  expect(events).toEqual(['rest 16', 'afterwards']);
  expect(now).toBe(1_000 + 8 + 16 + 900);
});

test('a step that fails is not rested from, and changes no rows', async () => {
  await expect(pace.step(() => Promise.reject(new Error('No room.')))).rejects.toThrow('No room.');
  expect([events, pace.rows]).toEqual([[], 20]);
});
