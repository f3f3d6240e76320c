import { hold } from '../support/provider.ts';
import { type FaultRun, times } from './fault-run.ts';
import { type Held, House } from './house.ts';
import type { Got } from './life.ts';
import { Findings, type Run, runOf } from './tally.ts';
import type { Victim } from './victim-process.ts';

/** Blocking waits of SQLite would stop the event loop for as long as the lock is held. */
const STILL_MS = 1_000;

/** Another process holds the write lock, before a renewal and in the midst of one. */
export const LOCKS: FaultRun = {
  names: ['F13'],
  async *run({ isQuick }) {
    await using house = await House.open('strict');
    const victim = await house.start();
    const runs = isQuick ? 1 : 3;
    yield { fault: 'F13 write lock held 3 s', runs: await times(runs, () => waited(house, victim)) };
    if (isQuick) return;
    yield { fault: 'F13 write lock held 30 s', runs: await times(1, () => refused(house, victim)) };
    yield { fault: 'F13 write lock held 8 s before Tx B', runs: await times(2, () => between(house, victim)) };
  },
};

async function over(house: House, victim: Victim): Promise<Held> {
  const held = await house.hold(victim);
  house.age(held, 'over');
  return held;
}

async function underLock<T>({ database }: House, ms: number, work: () => Promise<T>): Promise<T> {
  database.exec('BEGIN IMMEDIATE');
  const working = work();
  await new Promise((resolve) => setTimeout(resolve, ms));
  database.exec('ROLLBACK');
  return working;
}

const ask = async (victim: Victim, { place }: Held) =>
  (await victim.ask({ ask: 'fresh', place, callers: 1 }))[0] as Got;

async function waited(house: House, victim: Victim): Promise<Run> {
  const held = await over(house, victim);
  await victim.ask({ ask: 'lag' });
  const got = await underLock(house, 3_000, () => ask(victim, held));
  const lag = await victim.ask({ ask: 'lag' });
  const found = await whole(house, victim, held, got);
  found.holds(`the event loop went on; it stood still for ${Math.round(lag)} ms.`, lag < STILL_MS);
  return runOf(found.wrong, [got.ms]);
}

/** Who asks is told so after 5 s, nothing was sent, and afterwards all is well. */
async function refused(house: House, victim: Victim): Promise<Run> {
  const held = await over(house, victim);
  const told = await underLock(house, 30_000, () => times(3, () => ask(victim, held)));
  const sends = house.sends(held.refreshToken);
  const got = await ask(victim, held);
  const found = await whole(house, victim, held, got);
  found.same('Answers', [...new Set(told.map(({ code }) => code))], ['database-busy']);
  found.same('Sent without a row', sends, 0);
  return runOf(found.wrong, [got.ms]);
}

/** The answer is here and cannot be stored: nobody is told of success, and nothing is lost. */
async function between(house: House, victim: Victim): Promise<Run> {
  const held = await over(house, victim);
  const holding = hold('answer');
  house.provider.next(holding.fault);
  const asked = ask(victim, held);
  await holding.reached;
  const since = performance.now();
  const got = await underLock(house, 8_000, () => {
    holding.release();
    return asked;
  });
  const found = await whole(house, victim, held, got);
  found.holds('success was told after the lock was gone.', performance.now() - since > 7_900);
  return runOf(found.wrong, [got.ms]);
}

async function whole(house: House, victim: Victim, held: Held, got: Got): Promise<Findings> {
  await victim.ask({ ask: 'settle' });
  const found = new Findings();
  const grant = house.grant(held);
  found.same('Answer', got.code ?? got.token?.generation, 2);
  found.same('State', [grant.state, grant.generation, grant.leaseInstance], ['held', 2, null]);
  found.same('Sends', house.sends(held.refreshToken), 1);
  found.holds('the refresh token will work.', house.provider.book.isRedeemable(grant.refreshToken ?? ''));
  return found;
}
