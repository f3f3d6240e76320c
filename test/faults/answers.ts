import type { Fault } from '../support/faults.ts';
import { type FaultRun, times } from './fault-run.ts';
import { type Held, House } from './house.ts';
import type { Got } from './life.ts';
import { Findings, type Run } from './tally.ts';
import type { Victim } from './victim-process.ts';

/** A provider's odd answer, what the caller is told at once, and how often the refresh token came by then. */
interface Odd {
  readonly name: string;
  readonly fault: Fault;
  readonly told: 'a token' | 'provider-unavailable' | 'misconfigured' | 'consent-needed';
  readonly sends: number;
  /** Least wait that the provider asked for, in seconds. */
  readonly waitS?: number;
}

const HTML = { 'content-type': 'text/html' };
const odd = (name: string, fault: Fault, told: Odd['told'], sends = 1, waitS?: number): Odd => ({
  name,
  fault,
  told,
  sends,
  ...(waitS !== undefined && { waitS }),
});

/** Where nobody has an answer, the flight that failed asks once more at once. */
const ODD: readonly Odd[] = [
  odd('500', { status: 500, body: { error: 'server_error' } }, 'provider-unavailable'),
  odd('502 HTML', { status: 502, headers: HTML, body: '<h1>Bad gateway</h1>' }, 'a token', 2),
  odd('503 with Retry-After', { status: 503, headers: { 'retry-after': '90' } }, 'provider-unavailable', 1, 90),
  odd('504', { status: 504 }, 'a token', 2),
  odd('429', { status: 429, headers: { 'retry-after': '30' } }, 'provider-unavailable', 1, 30),
  odd('401 without a body', { status: 401 }, 'provider-unavailable'),
  odd('200 with garbage', { status: 200, body: '\u0000garbage' }, 'a token', 2),
  odd('200 HTML', { status: 200, headers: HTML, body: '<h1>Sign in</h1>' }, 'a token', 2),
  odd('200 without a token', { status: 200, body: {} }, 'a token', 2),
  odd('redirect', { status: 302, headers: { location: 'https://example.org/' } }, 'misconfigured'),
  odd('invalid_scope', { status: 400, body: { error: 'invalid_scope' } }, 'misconfigured'),
  odd('reset', 'reset', 'a token', 2),
];
/** The provider has rotated, and its answer is lost on the way: the grace decides. */
const LOST = ['cut', 'rotate-then-reset'] as const;

/** What a provider may answer besides tokens. */
export const ANSWERS: FaultRun = {
  names: ['F35'],
  async *run({ isQuick }) {
    const rounds = isQuick ? 1 : 5;
    await using strict = await House.open('strict');
    await using lenient = await House.open('grace 30 s');
    const [hard, soft] = [await strict.start(), await lenient.start()];
    for (const each of ODD)
      yield { fault: `F35 ${each.name}`, runs: await times(rounds, () => answered(strict, hard, each)) };
    for (const fault of LOST) {
      const name = `F35 ${fault}`;
      yield {
        fault: `${name} grace 30 s`,
        runs: await times(rounds, () => answered(lenient, soft, odd(name, fault, 'a token', 2))),
      };
      yield {
        fault: `${name} strict`,
        runs: await times(rounds, () => answered(strict, hard, odd(name, fault, 'consent-needed', 2), 1)),
      };
    }
  },
};

/** The caller is told the right thing; once its wait is over the grant is fresh, unless a person is needed. */
async function answered(house: House, victim: Victim, { fault, told, sends, waitS }: Odd, allowed = 0): Promise<Run> {
  const held = await house.hold(victim);
  house.age(held, 'over');
  const spentTwice = house.provider.asked.doubleSpends;
  house.provider.next(fault);
  const first = await ask(victim, held);

  const found = new Findings();
  found.same('Told', first.code ?? 'a token', told);
  found.same('Sends', house.sends(held.refreshToken), sends);
  if (told === 'provider-unavailable') await waits(house, victim, held, waitS ?? 1, found);
  const last = told === 'misconfigured' ? first : await ask(victim, held);
  const grant = house.grant(held);
  found.same('Lease', grant.leaseInstance, null);
  if (told === 'a token' || told === 'provider-unavailable') fresh(house, held, last, found);
  else found.same('State', [grant.state, grant.reason !== null], [told, true]);
  if (told === 'misconfigured')
    found.holds('the grant is kept.', house.provider.book.isRedeemable(grant.refreshToken ?? ''));
  const doubleSpent = Math.max(0, house.provider.asked.doubleSpends - spentTwice - allowed);
  return { wrong: found.wrong, ms: [first.ms, last.ms], doubleSpent };
}

/** Ten more callers send nothing while the wait lasts; then the wait is ended for the next one. */
async function waits(house: House, victim: Victim, { place, refreshToken }: Held, waitS: number, found: Findings) {
  await victim.ask({ ask: 'fresh', place, callers: 10 });
  found.same('Sends during the wait', house.sends(refreshToken), 1);
  const { at } = house.database
    .prepare('select retry_at as at from "grant" where connection_id = ?')
    .get(place.connectionId) as { at: number | null };
  const leftMs = (at ?? 0) - Date.now();
  found.holds(`the wait is about ${waitS} s; ${leftMs} ms are left.`, waitS === 1 || leftMs > (waitS - 10) * 1000);
  house.database.prepare('update "grant" set retry_at = 1 where connection_id = ?').run(place.connectionId);
}

function fresh(house: House, held: Held, got: Got, found: Findings): void {
  const grant = house.grant(held);
  found.same('State', [grant.state, grant.generation], ['held', 2]);
  found.same('Answer', got.code ?? got.token?.generation, 2);
  found.holds('the access token works.', house.provider.isLive(grant.accessToken ?? ''));
  found.holds('the refresh token will work.', house.provider.book.isRedeemable(grant.refreshToken ?? ''));
}

async function ask(victim: Victim, { place }: Held): Promise<Got> {
  const [got] = await victim.ask({ ask: 'fresh', place, callers: 1 });
  await victim.ask({ ask: 'settle' });
  return got as Got;
}
