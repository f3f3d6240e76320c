import { describe, expect, test } from '@jest/globals';
import type { Told } from '../../support/client.ts';
import { endToken, openPair, type Pair } from './pair.ts';

const ROUNDS = 20;
const CALLERS = 250;

describe('two processes on one SQLite file', () => {
  test(`make one token call a round for ${2 * CALLERS} callers, ${ROUNDS} times`, async () => {
    await using pair = await openPair();
    const calls: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      endToken(pair);
      const before = pair.provider.asked.total;
      const told = await tell(pair, round);
      calls.push(pair.provider.asked.total - before);
      expect(new Set(told)).toEqual(new Set([`fresh ${round + 2}`]));
    }

    expect(calls).toEqual(Array(ROUNDS).fill(1));
    expect(pair.provider.asked).toMatchObject({ doubleSpends: 0, familiesRevoked: 0 });
    expect(winners(pair)).toHaveLength(2);
  }, 120_000);
});

/** What everybody is told; the two processes take turns at being asked first. */
async function tell({ browsers, slug }: Pair, round: number): Promise<string[]> {
  const order = round % 2 === 0 ? browsers : browsers.toReversed();
  const told: Promise<Told>[] = order.flatMap((browser) => Array.from({ length: CALLERS }, () => browser.told(slug)));
  return (await Promise.all(told)).map(({ state, generation }) => `${state} ${generation}`);
}

function winners({ database }: Pair): unknown[] {
  return database.prepare('select distinct instance_id from refresh_attempt where outcome = ?').all('granted');
}
