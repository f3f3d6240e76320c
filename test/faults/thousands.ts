import { setTimeout as elapse } from 'node:timers/promises';
import type { Client } from '../support/client.ts';
import { listen } from '../support/listening.ts';
import type { FaultRun } from './fault-run.ts';
import { Findings, type Run, runOf } from './tally.ts';
import { openWebHouse, type Shown, type WebHouse } from './web-house.ts';

const PROVIDER_WIDTH = 8;
/** Each time takes twenty seconds where no place comes free. */
const ASKED_AT_MOST = 5;

/** Very many grants of one client: all due at once, and then the client's secret is not accepted any more. */
export const THOUSANDS: FaultRun = {
  names: ['F3', 'F34'],
  async *run({ isQuick }, wants) {
    const count = isQuick ? 50 : 1_000;
    await using web = await openWebHouse(count);
    let notices = 0;
    await using listener = await listen(async (request, response) => {
      for await (const _ of request);
      notices += 1;
      response.writeHead(204).end();
    });
    await using opened = await web.open({ NOTIFY_URL: `${listener.origin}/notices` });
    const { owner } = opened;
    if (wants('F3')) {
      // A look of the sweep comes after a minute: too long for the short form, which has `grant-sweep.test.ts`.
      if (!isQuick) yield { fault: `F3 ${count} grants due at one look`, runs: await allInOneLook(web, owner) };
      yield { fault: `F3 ${count} grants asked for at once`, runs: await allAtOnce(web, owner) };
    }
    if (wants('F34'))
      yield { fault: `F34 invalid_client for ${count} grants`, runs: await refusedClient(web, owner, () => notices) };
  },
};

/** The background renews all of them, and pages come meanwhile. */
async function allInOneLook(web: WebHouse, owner: Client): Promise<Run[]> {
  const { house, keepAlive, endAll } = web;
  const renewed = house.database.prepare('select count(*) from "grant" where generation > 1').pluck();
  keepAlive(true);
  const runs = await withPages(web, owner, async () => {
    while (Number(renewed.get()) < web.shown.length) await elapse(20);
  });
  keepAlive(false);
  endAll();
  return runs;
}

/** Each is asked for by a caller of its own, who asks again where it takes too long; and pages come meanwhile. */
function allAtOnce(web: WebHouse, owner: Client): Promise<Run[]> {
  const ask = async (slug: string) => {
    for (let asked = 0; asked < ASKED_AT_MOST; asked += 1) if ((await owner.told(slug)).state === 'fresh') return;
  };
  return withPages(web, owner, async () => void (await Promise.all(web.shown.map(({ slug }) => ask(slug)))));
}

/** Everybody gets a token once, with no more calls at a time than a provider is to have, and no page waits for that. */
async function withPages({ house, shown }: WebHouse, owner: Client, renewal: () => Promise<void>): Promise<Run[]> {
  const { provider } = house;
  provider.delayMs = 20;
  const before = new Map(shown.map((held) => [held, house.grant(held)]));
  const calls = provider.asked.total;
  const asking = { isOver: false };
  const done = renewal().finally(() => (asking.isOver = true));
  done.catch(() => null);
  const pages: number[] = [];
  while (!asking.isOver) {
    const since = performance.now();
    const { status } = await owner.get('/account');
    // A page that was there before anything happened says nothing.
    if (provider.asked.total > calls || status !== 200)
      pages.push(status === 200 ? performance.now() - since : Infinity);
    await elapse(20);
  }
  await done;
  provider.delayMs = 0;
  const most = provider.asked.mostAtOnce;
  return shown.map((held, at) => {
    const found = new Findings();
    const was = before.get(held);
    found.same('Generation', house.grant(held).generation, (was?.generation ?? 0) + 1);
    found.same('Sends', house.sends(was?.refreshToken ?? ''), 1);
    found.holds(`at most ${PROVIDER_WIDTH} calls at a time; there were ${most}.`, most <= PROVIDER_WIDTH);
    found.holds('every page came.', pages.length > 0 && pages.every(Number.isFinite));
    return {
      wrong: found.wrong,
      doubleSpent: at === 0 ? provider.asked.doubleSpends : 0,
      ms: at === 0 ? pages : [],
    };
  });
}

/** The first that asks finds out for all: one token call, one banner, one notice. */
async function refusedClient(web: WebHouse, owner: Client, notices: () => number): Promise<Run[]> {
  const { house, shown, endAll } = web;
  endAll();
  house.provider.next({ status: 401, body: { error: 'invalid_client' } });
  const before = house.provider.asked.total;
  const [first, ...others] = shown as readonly [Shown, ...Shown[]];
  await owner.told(first.slug);
  const since = performance.now();
  const told = await Promise.all(others.map(({ slug }) => owner.told(slug)));
  const ms = performance.now() - since;
  const banners = (await owner.get('/connections')).text.split('class="banner"').length - 1;
  while (notices() === 0) await elapse(200);
  await elapse(7_000);

  return shown.map((held, at) => {
    const found = new Findings();
    const grant = house.grant(held);
    found.same('State', grant.state, 'misconfigured');
    found.holds('the grant is kept.', house.provider.book.isRedeemable(grant.refreshToken ?? ''));
    if (at > 0) found.same('Told', told[at - 1]?.state, 'misconfigured');
    else
      found.same('Token calls, banners, notices', [house.provider.asked.total - before, banners, notices()], [1, 1, 1]);
    return runOf(found.wrong, at === 0 ? [ms] : []);
  });
}
