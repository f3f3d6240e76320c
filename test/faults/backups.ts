import { copyFile, rm } from 'node:fs/promises';
import { type FaultRun, times } from './fault-run.ts';
import { type Held, House, type Kind } from './house.ts';
import type { Got } from './life.ts';
import { Findings, type Run } from './tally.ts';

/** A database of yesterday: its refresh token has been spent since. */
export const BACKUPS: FaultRun = {
  names: ['F31'],
  async *run({ isQuick }) {
    for (const kind of ['grace 30 s', 'strict'] as const)
      yield { fault: `F31 restored backup ${kind}`, runs: await times(isQuick ? 1 : 3, () => restored(kind)) };
  },
};

/** One recorded try; where the provider takes the old token all is well, and else a person is told why. */
async function restored(kind: Kind): Promise<Run> {
  // Within the grace, however slow the machine is.
  await using house = await House.open(kind, kind === 'strict' ? {} : { graceSeconds: 600 });
  const held = await made(house);
  const backup = `${house.databaseFile}.backup`;
  await copyFile(house.databaseFile, backup);
  const before = await asked(house, held);
  house.lookAway();
  for (const end of ['', '-wal', '-shm']) await rm(house.databaseFile + end, { force: true });
  await copyFile(backup, house.databaseFile);
  const got = await asked(house, held);

  const found = new Findings();
  const grant = house.grant(held);
  found.same('Before', before.token?.generation, 2);
  found.same('Sends', house.sends(held.refreshToken), 2);
  found.same('Attempts', house.attempts(held).length, 1);
  found.same('Token calls', house.tokenCalls(held), ['answered']);
  if (kind === 'strict') {
    found.same('Answer', got.code, 'consent-needed');
    found.same('State', [grant.state, grant.reason !== null, grant.leaseInstance], ['consent-needed', true, null]);
  } else {
    found.same('State', [grant.state, grant.generation], ['held', 2]);
    found.holds('the access token works.', house.provider.isLive(got.token?.accessToken ?? ''));
  }
  const allowed = kind === 'strict' ? 1 : 0;
  return { wrong: found.wrong, ms: [got.ms], doubleSpent: house.provider.asked.doubleSpends - allowed };
}

/** A database at rest, whose grant is due. */
async function made(house: House): Promise<Held> {
  await using victim = await house.start();
  const held = await house.hold(victim);
  house.age(held, 'over');
  house.lookAway();
  await victim.ask({ ask: 'leave' });
  return held;
}

async function asked(house: House, { place }: Held): Promise<Got> {
  await using victim = await house.start();
  const [got] = await victim.ask({ ask: 'fresh', place, callers: 1 });
  await victim.ask({ ask: 'settle' });
  await victim.ask({ ask: 'leave' });
  return got as Got;
}
