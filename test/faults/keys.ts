import { randomBytes } from 'node:crypto';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { type FaultRun, times } from './fault-run.ts';
import { type Held, House } from './house.ts';
import type { Got } from './life.ts';
import { Findings, type Run, runOf } from './tally.ts';
import type { Victim } from './victim-process.ts';

/** Keys and ciphertexts that are not what they should be. */
export const KEYS: FaultRun = {
  names: ['F32', 'F33'],
  async *run({ isQuick }, wants) {
    await using house = await House.open('strict');
    let victim = await house.start();
    const held = await house.hold(victim);
    const rounds = isQuick ? 1 : 3;
    if (wants('F33'))
      yield {
        fault: 'F33 ciphertext changed',
        runs: await times(rounds * DAMAGES.length, (at) => damaged(house, victim, at)),
      };
    if (!wants('F32')) return;
    await victim.ask({ ask: 'leave' });
    await victim[Symbol.asyncDispose]();
    yield { fault: 'F32 wrong APP_KEY', runs: await times(rounds, () => wrongKey(house, held)) };
    yield { fault: 'F32 key file gone', runs: await times(isQuick ? 1 : 2, () => noKey(house, held)) };
  },
};

/** How a sealed access token is spoilt; `other` is another row's. */
const DAMAGES: readonly ((sealed: string, other: string) => string)[] = [
  (sealed) => sealed.slice(0, -4) + (sealed.at(-4) === 'A' ? 'B' : 'A') + sealed.slice(-3),
  (_sealed, other) => other,
  (sealed) => sealed.replace(/^v1\.[0-9a-f]+/, 'v1.0123456789abcdef'),
];

/** A row whose access token does not open is renewed with its refresh token, and every other row stays as it is. */
async function damaged(house: House, victim: Victim, round: number): Promise<Run> {
  const [spoilt, whole] = [await house.hold(victim), await house.hold(victim)];
  const sealed = ({ place }: Held) =>
    (
      house.database
        .prepare('select sealed_access_token as text from "grant" where connection_id = ?')
        .get(place.connectionId) as { text: string }
    ).text;
  const damage = DAMAGES[round % DAMAGES.length]?.(sealed(spoilt), sealed(whole)) ?? '';
  const before = house.provider.asked.total;
  house.database
    .prepare('update "grant" set sealed_access_token = ? where connection_id = ?')
    .run(damage, spoilt.place.connectionId);
  const got = await ask(victim, spoilt);
  const neighbour = await ask(victim, whole);

  const found = new Findings();
  found.holds(
    'a row whose access token does not open is renewed.',
    house.provider.isLive(got.token?.accessToken ?? ''),
  );
  found.same('Kept', house.grant(spoilt).accessToken, got.token?.accessToken);
  found.same('Neighbour', neighbour.token?.accessToken, house.grant(whole).accessToken);
  found.same('Token calls', house.provider.asked.total - before, 1);
  const { lease } = house.database
    .prepare('select lease_instance as lease from "grant" where connection_id = ?')
    .get(spoilt.place.connectionId) as { lease: string | null };
  found.same('Lease', lease, null);
  return runOf(found.wrong, [neighbour.ms]);
}

/** It does not start, and touches nothing. */
async function wrongKey(house: House, held: Held): Promise<Run> {
  const found = new Findings();
  await refusedStart(house, held, { APP_KEY: randomBytes(32).toString('base64') }, found);
  return afterwards(house, held, found);
}

async function noKey(house: House, held: Held): Promise<Run> {
  const file = join(house.folder, 'app.key');
  const found = new Findings();
  await rename(file, `${file}.kept`);
  await refusedStart(house, held, {}, found);
  await rename(`${file}.kept`, file);
  return afterwards(house, held, found);
}

async function refusedStart(house: House, held: Held, env: Record<string, string>, found: Findings): Promise<void> {
  const rows = () =>
    JSON.stringify(
      ['"grant"', 'connection', 'meta', 'instance'].map((table) =>
        house.database.prepare(`select * from ${table}`).all(),
      ),
    );
  const [before, grant] = [rows(), house.grant(held)];
  await using refused = house.begin({ env });
  found.same('Ended by signal', await refused.gone, null);
  found.holds('it says why.', /APP_KEY|key/i.test(refused.printed()));
  found.holds('nothing was overwritten.', rows() === before);
  found.holds('the tokens are there.', JSON.stringify(house.grant(held)) === JSON.stringify(grant));
}

/** With the right key all is as it was. */
async function afterwards(house: House, held: Held, found: Findings): Promise<Run> {
  await using victim = await house.start();
  house.age(held, 'over');
  const got = await ask(victim, held);
  found.holds('with the right key the grant is renewed.', house.provider.isLive(got.token?.accessToken ?? ''));
  await victim.ask({ ask: 'leave' });
  return runOf(found.wrong, [got.ms]);
}

async function ask(victim: Victim, { place }: Held): Promise<Got> {
  const [got] = await victim.ask({ ask: 'fresh', place, callers: 1 });
  return got as Got;
}
