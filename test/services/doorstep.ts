import { idsBy, systemRandom } from '../../src/kernel/ids.ts';
import { Passwords } from '../../src/secrets/passwords.ts';
import { Gatekeeper } from '../../src/services/gatekeeper.ts';
import { Accounts } from '../../src/services/people/accounts.ts';
import { Invitations } from '../../src/services/people/invitations.ts';
import { Inviter } from '../../src/services/people/inviter.ts';
import { Members } from '../../src/services/people/members.ts';
import { Users } from '../../src/services/people/users.ts';
import { Workspaces } from '../../src/services/people/workspaces.ts';
import { RateLimiter } from '../../src/services/rate-limiter.ts';
import { openTestDatabase } from '../support/database.ts';

const CHEAP = { memory: 64, passes: 1, parallelism: 1 };

/** The first owner's password. */
export const PASSWORD = 'correct horse battery';

/** A gatekeeper over a real database, with passwords that are cheap to check and a clock that only `pass` moves. */
export async function openDoorstep({ cost = CHEAP, start = Date.UTC(2026, 0, 1) } = {}) {
  const opened = await openTestDatabase();
  let now = start;
  const clock = { now: () => new Date(now) };
  const newId = idsBy(clock);
  const passwords = new Passwords({ random: systemRandom, cost });
  const limiter = new RateLimiter({ clock, hash: (subject) => Buffer.from(subject).toString('hex').slice(-64) });
  const parts = { clock, newId, random: systemRandom, passwords, limiter };
  return {
    /** The database's file. */
    path: opened.path,
    parts,
    clock,
    passwords,
    gatekeeper: new Gatekeeper(parts),
    accounts: new Accounts({ passwords, limiter }),
    invitations: new Invitations(parts),
    inviter: new Inviter(parts),
    members: new Members(),
    users: new Users(parts),
    workspaces: new Workspaces(parts),
    pass: (ms: number) => void (now += ms),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}
