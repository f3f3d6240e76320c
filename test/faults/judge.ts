import type { Got } from './life.ts';
import type { Held, House, Kind } from './house.ts';
import type { KillPoint } from './kill-points.ts';
import { Findings, type Run } from './tally.ts';

/** What a kill left behind, after one further request. */
export interface Scene {
  readonly house: House;
  readonly point: KillPoint;
  readonly kind: Kind;
  readonly held: Held;
  /** What the further request got. */
  readonly got: Got;
  /** Times that the provider saw a spent token, its grace over. */
  readonly doubleSpends: number;
}

/** Compares the provider's book with the database: the one right end, no row missing, none left open. */
export function judge(scene: Scene): Run {
  const { point, kind, got, house, held, doubleSpends } = scene;
  const found = new Findings();
  const isRefused = point.reached === 'answer-lost' && kind === 'strict';
  if (isRefused) refused(scene, found);
  else renewed(scene, found);
  rows(scene, isRefused ? 'failed refused' : 'done granted', found);

  // An answer that was lost is asked for once more with the same token; nothing else ever is.
  const tries = point.reached === 'asked' || point.reached === 'answer-lost' ? 2 : 1;
  const sends = house.sends(held.refreshToken);
  found.holds(`the refresh token came ${tries} times, and it came ${sends} times.`, sends >= tries);
  const beyond = Math.max(0, sends - tries) + Math.max(0, doubleSpends - (isRefused ? 1 : 0));
  return { wrong: found.wrong, doubleSpent: beyond, ms: [got.ms] };
}

/** Everybody agrees on a token that works, and on a refresh token that will. */
function renewed({ house, held, got }: Scene, found: Findings): void {
  const { provider } = house;
  const grant = house.grant(held);
  found.same('Answer', got.code ?? got.token?.generation, 2);
  found.same('State', grant.state, 'held');
  found.same('Generation', grant.generation, 2);
  found.same('Lease', grant.leaseInstance, null);
  found.same('Token told and token held are one', got.token?.accessToken === grant.accessToken, true);
  found.holds('the access token works.', provider.isLive(grant.accessToken ?? ''));
  found.holds('the refresh token will work.', provider.book.isRedeemable(grant.refreshToken ?? ''));
}

/** The provider does not take the token again: a person is needed, and is told why. */
function refused({ house, held, got }: Scene, found: Findings): void {
  const grant = house.grant(held);
  found.same('Answer', got.code, 'consent-needed');
  found.same('State', grant.state, 'consent-needed');
  found.same('Reason', grant.reason, 'crash_during_refresh');
  found.same('Generation', grant.generation, 1);
  found.same('Lease', grant.leaseInstance, null);
}

/** Every try has its row, every call its exchange, and nothing is left open by the dead. */
function rows({ house, held, point }: Scene, last: string, found: Findings): void {
  const isSecond = point.reached !== 'stored' && point.record !== null;
  const cutOff = point.record === null || point.reached === 'stored' ? [] : ['unknown interrupted'];
  const calls = [
    ...(point.record === null ? [] : [point.record]),
    ...(isSecond || point.record === null ? ['answered'] : []),
  ];
  found.same('Attempts', house.attempts(held), [...cutOff, last]);
  found.same('Token calls', house.tokenCalls(held), calls);
  const open = house.database.prepare(`select count(*) as n from exchange where outcome = 'pending'`).get() as {
    n: number;
  };
  found.same('Open exchanges', open.n, 0);
  const instances = house.database.prepare('select count(*) as n from instance').get() as { n: number };
  found.same('Instances', instances.n, 1);
}
