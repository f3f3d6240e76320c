import { setTimeout as elapse } from 'node:timers/promises';
import type { Client } from '../support/client.ts';
import { listen } from '../support/listening.ts';
import type { FaultRun } from './fault-run.ts';
import { Findings, type Run, runOf } from './tally.ts';
import { openWebHouse, type Shown, type WebHouse } from './web-house.ts';

const PROVIDER_WIDTH = 8;

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
    if (wants('F3')) yield { fault: `F3 ${count} grants at once`, runs: await allAtOnce(web, owner) };
    if (wants('F34'))
      yield { fault: `F34 invalid_client for ${count} grants`, runs: await refusedClient(web, owner, () => notices) };
  },
};

/** Everybody gets a token, no more calls at a time than a provider is to have, and pages come meanwhile. */
async function allAtOnce({ house, shown }: WebHouse, owner: Client): Promise<Run[]> {
  house.provider.delayMs = 20;
  const asking = { isOver: false };
  const told = Promise.all(shown.map(({ slug }) => owner.told(slug))).finally(() => (asking.isOver = true));
  const pages: number[] = [];
  while (!asking.isOver) {
    const since = performance.now();
    const { status } = await owner.get('/account');
    pages.push(status === 200 ? performance.now() - since : Infinity);
    await elapse(50);
  }
  const tellings = await told;
  house.provider.delayMs = 0;
  const most = house.provider.asked.mostAtOnce;
  return shown.map((held, at) => {
    const found = new Findings();
    found.same('Told', [tellings[at]?.state, tellings[at]?.generation], ['fresh', 2]);
    found.same('Sends', house.sends(held.refreshToken), 1);
    found.holds(`at most ${PROVIDER_WIDTH} calls at a time; there were ${most}.`, most <= PROVIDER_WIDTH);
    found.holds('every page came.', pages.length > 0 && pages.every(Number.isFinite));
    return {
      wrong: found.wrong,
      doubleSpent: at === 0 ? house.provider.asked.doubleSpends : 0,
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
