import { type Held, House } from './house.ts';
import type { Extent, FaultRun } from './fault-run.ts';
import type { Got } from './life.ts';
import { Findings, type Run } from './tally.ts';
import type { Victim } from './victim-process.ts';

const CALLERS = 1_000;
const OFF_MS = 5 * 60_000;

/** Many callers at the moment a token ends: of one process, of two, and of two whose clocks differ. */
export const CROWDS: FaultRun = {
  names: ['F2', 'F4', 'F30'],
  async *run(extent, wants) {
    await using house = await House.open('strict', { delayMs: 50 });
    const first = await house.start();
    const held = await house.hold(first);
    const one = (runs: number) => races(house, held, [first], CALLERS, runs);
    if (wants('F2')) yield { fault: 'F2 1000 callers', runs: await one(count(extent, 20)) };

    const second = await house.start();
    const two = (runs: number) => races(house, held, [first, second], CALLERS / 2, runs);
    if (wants('F4')) yield { fault: 'F4 two processes x 500 callers', runs: await two(count(extent, 200)) };

    await second.ask({ ask: 'clock', offMs: OFF_MS });
    if (wants('F30')) yield { fault: 'F30 clocks 5 min apart', runs: await two(count(extent, 50)) };
  },
};

function count({ isQuick }: Extent, whole: number): number {
  return isQuick ? 2 : whole;
}

/** Lets the token end and everybody ask at once, again and again; the processes take turns at being asked first. */
async function races(house: House, held: Held, victims: readonly Victim[], callers: number, rounds: number) {
  const runs: Run[] = [];
  while (runs.length < rounds) {
    const { generation } = house.grant(held);
    const before = house.provider.asked;
    house.age(held, 'over');
    const order = runs.length % 2 === 0 ? victims : victims.toReversed();
    const asked = order.map((victim) => victim.ask({ ask: 'fresh', place: held.place, callers }));
    const got = (await Promise.all(asked)).flat();
    await Promise.all(victims.map((victim) => victim.ask({ ask: 'settle' })));
    runs.push(agreed(house, held, got, generation + 1, before));
  }
  return runs;
}

/** One token call, and one token that everybody has. */
function agreed(
  house: House,
  held: Held,
  got: readonly Got[],
  generation: number,
  before: House['provider']['asked'],
): Run {
  const found = new Findings();
  const { asked } = house.provider;
  found.same('Token calls', asked.total - before.total, 1);
  found.same('Answers', [...new Set(got.map(({ code, token }) => code ?? token?.generation))], [generation]);
  found.same('Tokens', new Set(got.map(({ token }) => token?.accessToken)).size, 1);
  found.holds('the token works.', house.provider.isLive(house.grant(held).accessToken ?? ''));
  const doubleSpent = asked.doubleSpends - before.doubleSpends;
  return { wrong: found.wrong, doubleSpent, ms: got.map(({ ms }) => ms) };
}
