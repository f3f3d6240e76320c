import { hold } from '../support/provider.ts';
import { type FaultRun, times } from './fault-run.ts';
import { type Held, House } from './house.ts';
import type { Got } from './life.ts';
import { Findings, type Run, runOf } from './tally.ts';
import type { Victim } from './victim-process.ts';

const LEASE_MS = 30_000;

/** What happens to a renewal between its question and its record. */
export const IN_THE_AIR: FaultRun = {
  names: ['F5', 'F6', 'F7', 'F8'],
  async *run({ isQuick }, wants) {
    const runs = isQuick ? 1 : 20;
    await using house = await House.open('no rotation');
    const victim = await house.start();
    if (wants('F6')) yield { fault: 'F6 Tx B fails 3 times', runs: await times(runs, () => failing(house, victim)) };
    if (wants('F7'))
      yield { fault: 'F7 answer without refresh_token', runs: await times(runs, (at) => keepsOld(house, victim, at)) };
    if (wants('F8')) yield { fault: 'F8 edit meanwhile', runs: await times(runs, () => edited(house, victim)) };
    if (!wants('F5')) return;
    await using lenient = await House.open('grace 30 s', { graceSeconds: 600 });
    yield {
      fault: 'F5 winner stands still beyond its lease',
      runs: await times(isQuick ? 1 : 3, () => stopped(lenient, isQuick)),
    };
  },
};

async function over(house: House, victim: Victim): Promise<Held> {
  const held = await house.hold(victim);
  house.age(held, 'over');
  return held;
}

async function ask(victim: Victim, { place }: Held): Promise<Got> {
  const [got] = await victim.ask({ ask: 'fresh', place, callers: 1 });
  await victim.ask({ ask: 'settle' });
  return got as Got;
}

/** Success only when the tokens are stored, and one token call all the same. */
async function failing(house: House, victim: Victim): Promise<Run> {
  const held = await over(house, victim);
  await victim.ask({ ask: 'fail', at: 'storing', times: 3 });
  const before = house.provider.asked.total;
  const got = await ask(victim, held);
  const found = renewed(house, held, got);
  found.same('Token calls', house.provider.asked.total - before, 1);
  found.same('Attempts', house.attempts(held), ['done granted']);
  found.holds('success was told only after three failures (350 ms of waiting).', got.ms >= 350);
  return runOf(found.wrong, [got.ms]);
}

async function keepsOld(house: House, victim: Victim, round: number): Promise<Run> {
  const held = await over(house, victim);
  house.provider.next({ amend: { refresh_token: [undefined, '', null][round % 3] } });
  const got = await ask(victim, held);
  const found = renewed(house, held, got);
  found.holds('the old refresh token is kept.', house.grant(held).refreshToken === held.refreshToken);
  return runOf(found.wrong, [got.ms]);
}

async function edited(house: House, victim: Victim): Promise<Run> {
  const held = await over(house, victim);
  const holding = hold('answer');
  house.provider.next(holding.fault);
  const asked = ask(victim, held);
  await holding.reached;
  const name = `Renamed ${held.place.connectionId}`;
  await victim.ask({ ask: 'rename', place: held.place, name });
  holding.release();
  const got = await asked;
  const found = renewed(house, held, got);
  const row = house.database.prepare('select name from connection where id = ?').get(held.place.connectionId);
  found.same('Name', row, { name });
  return runOf(found.wrong, [got.ms]);
}

/** A neighbour waits for the lease's end and renews; the one that stood still changes nothing when it goes on. */
async function stopped(house: House, isQuick: boolean): Promise<Run> {
  await using winner = await house.start();
  await using other = await house.start();
  const held = await over(house, winner);
  const holding = hold('answer');
  house.provider.next(holding.fault);
  const asked = ask(winner, held);
  await holding.reached;
  winner.kill('SIGSTOP');
  if (isQuick)
    house.database.prepare('update "grant" set lease_until = ? where lease_until is not null').run(Date.now() - 1);
  else await new Promise((resolve) => setTimeout(resolve, LEASE_MS + 1_000));
  const got = await insist(other, held);
  const before = house.grant(held);
  holding.release();
  // Its deadline has passed as well: an answer that is not there when it wakes would be no late one but none at all.
  await holding.sent;
  winner.kill('SIGCONT');
  const late = await asked;

  const found = renewed(house, held, got);
  found.same('Late answer', late.code ?? late.token?.generation, 2);
  found.holds('the late one overwrote nothing.', JSON.stringify(before) === JSON.stringify(house.grant(held)));
  found.same('Attempts', house.attempts(held), ['done overtaken', 'done granted']);
  found.same('Sends', house.sends(held.refreshToken), 2);
  found.holds('an alarm was raised.', winner.printed().includes('New tokens came after'));
  return { wrong: found.wrong, ms: [got.ms], doubleSpent: house.provider.asked.doubleSpends };
}

/** Asks as a client does that is told to come again: a lease that nobody saw run is watched for its whole length. */
async function insist(other: Victim, held: Held): Promise<Got> {
  let got = await ask(other, held);
  for (let again = 0; again < 3 && got.code === 'refreshing'; again += 1) got = await ask(other, held);
  return got;
}

/** The caller and the row agree on a second generation that works. */
function renewed(house: House, held: Held, got: Got): Findings {
  const found = new Findings();
  const grant = house.grant(held);
  found.same('Answer', got.code ?? got.token?.generation, 2);
  found.same('State', [grant.state, grant.generation, grant.leaseInstance], ['held', 2, null]);
  found.holds('the access token works.', house.provider.isLive(grant.accessToken ?? ''));
  found.holds('the refresh token will work.', house.provider.book.isRedeemable(grant.refreshToken ?? ''));
  return found;
}
