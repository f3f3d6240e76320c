import { hold } from '../support/provider.ts';
import { type FaultRun, times } from './fault-run.ts';
import { type Held, House } from './house.ts';
import type { Got } from './life.ts';
import { Findings, type Run, runOf } from './tally.ts';
import type { Victim } from './victim-process.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const JUMPS = [5 * MINUTE_MS, -5 * MINUTE_MS, DAY_MS, -DAY_MS];

/** Somebody sets the clock, between renewals and during one. */
export const CLOCKS: FaultRun = {
  names: ['F29'],
  async *run({ isQuick }) {
    await using house = await House.open('strict');
    const victim = await house.start();
    const rounds = isQuick ? 1 : 5;
    const jumps = await times(rounds * JUMPS.length, (at) => jumped(house, victim, JUMPS[at % JUMPS.length] ?? 0));
    yield { fault: 'F29 clock set by 5 min and 1 day', runs: jumps };
    yield { fault: 'F29 clock set back during a lease', runs: await times(rounds, () => setBack(house, victim)) };
  },
};

const ask = async (victim: Victim, { place }: Held) =>
  (await victim.ask({ ask: 'fresh', place, callers: 1 }))[0] as Got;

/** A renewal under a clock that is off, and twenty more callers: no storm, there and back. */
async function jumped(house: House, victim: Victim, offMs: number): Promise<Run> {
  const held = await house.hold(victim);
  house.age(held, 'over');
  await victim.ask({ ask: 'clock', offMs });
  // Set far back, the token that is over counts as good: the API will tell. A caller that was told asks for a later one.
  const [told] = await victim.ask({ ask: 'fresh', place: held.place, callers: 1, above: 1 });
  const there = await times(20, () => ask(victim, held));
  await victim.ask({ ask: 'clock', offMs: 0 });
  const back = await times(20, () => ask(victim, held));
  await victim.ask({ ask: 'settle' });

  const found = new Findings();
  const grant = house.grant(held);
  const all = [told as Got, ...there, ...back];
  found.same('Refusals', [...new Set(all.flatMap(({ code }) => code ?? []))], []);
  found.holds(`at most 3 token calls; there were ${grant.generation - 1}.`, grant.generation <= 4);
  found.same('Lease', grant.leaseInstance, null);
  found.holds('the access token works.', house.provider.isLive(grant.accessToken ?? ''));
  return { wrong: found.wrong, ms: all.map(({ ms }) => ms), doubleSpent: house.provider.asked.doubleSpends };
}

/** The clock goes back a day while the provider thinks: the tokens are stored, and the lease stands in nobody's way. */
async function setBack(house: House, victim: Victim): Promise<Run> {
  const held = await house.hold(victim);
  house.age(held, 'over');
  const holding = hold('answer');
  house.provider.next(holding.fault);
  const asked = ask(victim, held);
  await holding.reached;
  await victim.ask({ ask: 'clock', offMs: -DAY_MS });
  holding.release();
  const got = await asked;
  await victim.ask({ ask: 'clock', offMs: 0 });
  const after = await ask(victim, held);
  await victim.ask({ ask: 'settle' });

  const found = new Findings();
  const grant = house.grant(held);
  found.same('Answers', [got.code, after.code], [undefined, undefined]);
  found.same('State', [grant.state, grant.leaseInstance], ['held', null]);
  found.same('Sends', house.sends(held.refreshToken), 1);
  found.holds('the access token works.', house.provider.isLive(grant.accessToken ?? ''));
  return runOf(found.wrong, [got.ms, after.ms]);
}
