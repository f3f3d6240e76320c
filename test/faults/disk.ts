import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hold } from '../support/provider.ts';
import { type FaultRun, times } from './fault-run.ts';
import { type Held, House } from './house.ts';
import type { Got } from './life.ts';
import { Findings, type Run } from './tally.ts';
import type { Victim } from './victim-process.ts';

const DISK_MIB = 16;
const FILE_BYTES = 1_500_000;

/** A disk without room, before a renewal and when its answer is here. */
export const DISK: FaultRun = {
  names: ['F12'],
  async *run({ isQuick, note }) {
    await using disk = await openDisk();
    await using house = await House.open('strict', {}, disk.folder);
    note(`F12 by ${disk.how}`);
    const victim = await house.start();
    const rounds = isQuick ? 1 : 3;
    yield { fault: 'F12 disk full before Tx A', runs: await times(rounds, () => before(house, disk, victim)) };
    await victim[Symbol.asyncDispose]();
    if (isQuick) return;
    yield { fault: 'F12 disk full at Tx B', runs: await times(2, () => atTheAnswer(house, disk, false)) };
    yield { fault: 'F12 disk full at Tx B then SIGKILL', runs: await times(2, () => atTheAnswer(house, disk, true)) };
  },
};

/** A place for a database that can be made to have no room, for one process or for all. */
interface Disk extends AsyncDisposable {
  readonly folder: string;
  readonly how: string;
  fill(house: House, victim: Victim): void;
  free(victim: Victim): void;
}

/** A small file system where one may be mounted, else a limit on the size of the victim's files. */
async function openDisk(): Promise<Disk> {
  const root = await mkdtemp(join(tmpdir(), 'callbook-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MIB}m`, 'tmpfs', root], { stdio: 'ignore' });
    return mounted(root);
  } catch {
    return limited(root);
  }
}

function mounted(root: string): Disk {
  const filler = join(root, 'filler');
  const folder = join(root, 'house');
  mkdirSync(folder);
  return {
    folder,
    how: `a tmpfs of ${DISK_MIB} MiB`,
    fill() {
      for (const bytes of [2 ** 20, 4096])
        try {
          for (;;) writeFileSync(filler, Buffer.alloc(bytes), { flag: 'a' });
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
        }
    },
    free: () => rmSync(filler, { force: true }),
    async [Symbol.asyncDispose]() {
      execFileSync('umount', [root]);
      await rm(root, { recursive: true });
    },
  };
}

function limited(root: string): Disk {
  const limit = (victim: Victim, bytes: string) =>
    execFileSync('prlimit', ['--pid', String(victim.pid), `--fsize=${bytes}:unlimited`]);
  return {
    folder: root,
    how: 'a limit on the size of files',
    fill({ database }, victim) {
      // The log stands beyond the limit, so that every further page of it is refused, and the spill file below.
      database.exec('create table if not exists ballast (bytes blob)');
      database.prepare('insert into ballast values (?)').run(Buffer.alloc(FILE_BYTES * 1.2));
      limit(victim, String(FILE_BYTES));
    },
    free: (victim) => void limit(victim, 'unlimited'),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}

/** Nothing is sent that has no row, tokens that are good go on serving, and the first request after it succeeds. */
async function before(house: House, disk: Disk, victim: Victim): Promise<Run> {
  const [held, good] = [await house.hold(victim), await house.hold(victim)];
  house.age(held, 'over');
  disk.fill(house, victim);
  const told = await ask(victim, held);
  const served = await ask(victim, good);
  const sent = house.sends(held.refreshToken);
  disk.free(victim);
  const got = await ask(victim, held);

  const found = whole(house, held, got);
  found.holds(`no token is told of; ${told.code} was.`, told.token === undefined);
  found.same('Sent without a row', sent, 0);
  found.same('Reads go on', served.token?.generation, 1);
  return { wrong: found.wrong, ms: [got.ms], doubleSpent: house.provider.asked.doubleSpends };
}

/** The answer is here and no commit succeeds: the tokens are spilled, and arrive once there is room. */
async function atTheAnswer(house: House, disk: Disk, dies: boolean): Promise<Run> {
  let victim = await house.start();
  const held = await house.hold(victim);
  house.age(held, 'over');
  const holding = hold('answer');
  house.provider.next(holding.fault);
  const asked = ask(victim, held);
  await holding.reached;
  disk.fill(house, victim);
  holding.release();
  const told = await asked;
  if (dies) await victim[Symbol.asyncDispose]();
  disk.free(victim);
  if (dies) victim = await house.start();
  const got = await ask(victim, held);
  while (house.grant(held).generation < 2) await new Promise((resolve) => setTimeout(resolve, 500));
  await victim.ask({ ask: 'settle' });

  const found = whole(house, held, got);
  found.same('Told', told.code ?? told.token?.generation, 2);
  await victim.ask({ ask: 'leave' });
  await victim[Symbol.asyncDispose]();
  return { wrong: found.wrong, ms: [got.ms], doubleSpent: house.provider.asked.doubleSpends };
}

function whole(house: House, held: Held, got: Got): Findings {
  const found = new Findings();
  const grant = house.grant(held);
  found.same('Answer', got.code ?? got.token?.generation, 2);
  found.same('State', [grant.state, grant.generation, grant.leaseInstance], ['held', 2, null]);
  found.same('Sends', house.sends(held.refreshToken), 1);
  found.holds('the access token works.', house.provider.isLive(grant.accessToken ?? ''));
  found.holds('the refresh token will work.', house.provider.book.isRedeemable(grant.refreshToken ?? ''));
  return found;
}

async function ask(victim: Victim, { place }: Held): Promise<Got> {
  const [got] = await victim.ask({ ask: 'fresh', place, callers: 1 });
  return got as Got;
}
