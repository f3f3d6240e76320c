import { once } from 'node:events';
import { connect } from 'node:net';
import type { Client } from '../support/client.ts';
import { hold } from '../support/provider.ts';
import type { RunningApp } from '../support/running-app.ts';
import { type FaultRun, times } from './fault-run.ts';
import type { House } from './house.ts';
import { Findings, type Run, runOf } from './tally.ts';
import { openWebHouse, type Shown, type WebHouse } from './web-house.ts';

const CALLS = 50;

/** Those who asked go away, and the process itself is told to. */
export const DEPARTURES: FaultRun = {
  names: ['F26', 'F28'],
  async *run({ isQuick }, wants) {
    if (wants('F26')) {
      const runs = isQuick ? 1 : 20;
      await using web = await openWebHouse(runs * 2);
      await using opened = await web.open();
      const { app, owner } = opened;
      const gone = (at: number) => left(web, web.shown[at] as Shown, owner);
      yield { fault: 'F26 client leaves during a renewal', runs: await times(runs, gone) };
      const cut = (at: number) => cutOff(web, web.shown[runs + at] as Shown, app, owner);
      yield { fault: 'F26 client leaves before its body ends', runs: await times(runs, cut) };
    }
    if (!wants('F28')) return;
    const rounds = isQuick ? 1 : 3;
    yield { fault: `F28 SIGTERM with ${CALLS} renewals`, runs: await times(rounds, () => stopped(['SIGTERM'])) };
    if (isQuick) return;
    yield { fault: 'F28 SIGTERM twice', runs: await times(rounds, () => stopped(['SIGTERM', 'SIGTERM'])) };
    yield { fault: 'F28 SIGTERM then SIGKILL', runs: await times(rounds, () => stopped(['SIGTERM', 'SIGKILL'])) };
  },
};

/** The renewal goes on without the one who asked for it. */
async function left({ house }: WebHouse, held: Shown, owner: Client): Promise<Run> {
  const holding = hold('answer');
  house.provider.next(holding.fault);
  const leaving = new AbortController();
  const cookie = [...owner.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const url = `${owner.origin}/_token_refresh?connection=${held.slug}`;
  const asked = fetch(url, { headers: { cookie }, signal: leaving.signal }).catch(() => null);
  await holding.reached;
  leaving.abort();
  await asked;
  holding.release();
  return afterwards(house, held, owner, ['answered']);
}

/** Half a request is no request: nothing is renewed, and the next one is answered. */
async function cutOff({ house }: WebHouse, held: Shown, app: RunningApp, owner: Client): Promise<Run> {
  const { hostname, port, host } = new URL(app.origin);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  const cookie = [...owner.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const head = [
    'POST /_token_refresh HTTP/1.1',
    `Host: ${host}`,
    `Cookie: ${cookie}`,
    'Content-Type: application/json',
  ];
  socket.write([...head, 'Sec-Fetch-Site: same-origin', 'Content-Length: 500', '', '{"connection"'].join('\r\n'));
  await new Promise(setImmediate);
  socket.destroy();
  await once(socket, 'close');
  return afterwards(house, held, owner, ['answered']);
}

async function afterwards(house: House, held: Shown, owner: Client, calls: string[]): Promise<Run> {
  const since = performance.now();
  const told = await owner.told(held.slug);
  const ms = performance.now() - since;
  const found = new Findings();
  found.same('Told', [told.state, told.generation], ['fresh', 2]);
  found.same('Sends', house.sends(held.refreshToken), 1);
  found.same('Token calls', house.tokenCalls(held), calls);
  found.same('Attempts', house.attempts(held), ['done granted']);
  found.holds('the access token works.', house.provider.isLive(house.grant(held).accessToken ?? ''));
  return { wrong: found.wrong, ms: [ms], doubleSpent: house.provider.asked.doubleSpends };
}

/** All finish, or what was cut off is taken up by the next start: no grant is worse off than its provider made it. */
async function stopped(signals: readonly NodeJS.Signals[]): Promise<Run> {
  await using web = await openWebHouse(CALLS);
  const { house, shown } = web;
  house.provider.delayMs = 1_000;
  await using opened = await web.open();
  const { app, owner } = opened;
  const asked = shown.map(({ slug }) =>
    owner.told(slug).then(
      ({ state }) => state,
      () => 'gone',
    ),
  );
  const begun = house.database.prepare('select count(*) from refresh_attempt').pluck();
  while (Number(begun.get()) < CALLS) await new Promise((resolve) => setTimeout(resolve, 20));
  const since = performance.now();
  if (signals.length > 1) process.kill(app.pid, signals[0]);
  const code = await app.stop(signals.at(-1));
  const stoppingMs = performance.now() - since;
  const states = await Promise.all(asked);
  house.provider.delayMs = 0;

  const found = new Findings();
  if (signals.length === 1) {
    found.same('Exit code', code, 0);
    found.same('Told', [...new Set(states)], ['fresh']);
    found.holds(`it took at most 30 s; it took ${Math.round(stoppingMs)} ms.`, stoppingMs < 30_000);
  }
  const ms = await restarted(web, found);
  return runOf(found.wrong, ms);
}

/** After a start and one request each, every grant is fresh or says that the crash cost it its consent. */
async function restarted({ house, shown, open }: WebHouse, found: Findings): Promise<number[]> {
  await using opened = await open();
  const { owner } = opened;
  const ms: number[] = [];
  for (const held of shown) {
    const since = performance.now();
    const told = await owner.told(held.slug);
    ms.push(performance.now() - since);
    const { state, reason, accessToken, leaseInstance } = house.grant(held);
    const isLost =
      told.state === 'consent-needed' && reason === 'crash_during_refresh' && house.sends(held.refreshToken) === 2;
    const isFresh = told.state === 'fresh' && state === 'held' && house.provider.isLive(accessToken ?? '');
    found.holds(`a grant is fresh or was lost by its provider; it is ${state} (${reason}).`, isFresh || isLost);
    found.same('Lease', leaseInstance, null);
  }
  const pending = house.database.prepare(`select count(*) from exchange where outcome = 'pending'`).pluck().get();
  found.same('Open exchanges', pending, 0);
  return ms;
}
