import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { session } from '../../../src/db/session.ts';
import { withSystem } from '../../../src/db/system.ts';
import { Connection } from '../../../src/model/connection.ts';
import { LIFE_S, openStage, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

type Column = 'sealedAccessToken' | 'sealedRefreshToken';

/** One bit of the ciphertext, in the middle of it. */
function flipped(sealed: string): string {
  const [version, kid, nonce, text] = sealed.split('.') as [string, string, string, string];
  const bytes = Buffer.from(text, 'base64url');
  bytes[3]! ^= 1;
  return [version, kid, nonce, bytes.toString('base64url')].join('.');
}

const WAYS: [string, (sealed: string, other: string) => string][] = [
  ['whose bit flipped', flipped],
  ['from another row', (_sealed, other) => other],
  ['whose key is gone', (sealed) => sealed.replace(/^v1\.[0-9a-f]{16}/, 'v1.0123456789abcdef')],
  ['that is no sealed value', () => 'nonsense'],
];

async function breakSeal(slug: string, column: Column, way = flipped as (sealed: string, other: string) => string) {
  const other = (await stage.grant((await stage.hold()).slug))[column] as string;
  const was = (await stage.grant(slug))[column] as string;
  const planted = way(was, other);
  await stage.plant(slug, { [column]: planted });
  return { was, planted };
}

/** Every page that tells of the connection, and the list. */
async function pagesOf(slug: string): Promise<number[]> {
  const paths = ['/connections', `/connections/${slug}`, `/connections/${slug}/edit`, `/connections/${slug}/grant`];
  const replies = [];
  for (const path of paths) replies.push((await stage.owner.get(path)).status);
  return replies;
}

const ALL_RIGHT = [200, 200, 200, 200];

describe('an access token', () => {
  test.each(WAYS)('%s is renewed with the refresh token, and no other grant is touched', async (_name, way) => {
    const { slug } = await stage.hold();
    const { slug: other } = await stage.hold();
    await breakSeal(slug, 'sealedAccessToken', way);

    expect(await pagesOf(slug)).toEqual(ALL_RIGHT);
    expect(await stage.callsDuring(() => stage.keep(slug))).toBe(1);
    expect(await stage.grant(slug)).toMatchObject({ state: 'held', generation: 2 });
    expect(await stage.callsDuring(() => stage.keep(other))).toBe(0);
  });
});

describe('a refresh token', () => {
  test.each(WAYS)('%s leaves the access token to serve until it ends, then a person is needed', async (_name, way) => {
    const { slug } = await stage.due();
    const { planted } = await breakSeal(slug, 'sealedRefreshToken', way);

    expect(await stage.callsDuring(() => stage.keep(slug))).toBe(0);
    expect(await stage.grant(slug)).toMatchObject({ state: 'held', generation: 1 });
    stage.app.clock.advance(LIFE_S * 1000);
    await expect(stage.keep(slug)).rejects.toThrow('The sealed refresh token held here does not open');
    expect(await stage.grant(slug)).toMatchObject({
      state: 'consent-needed',
      reason: 'seal-broken',
      detail: expect.stringContaining('Put the key back, or consent again.'),
      sealedRefreshToken: planted,
    });
    expect(await pagesOf(slug)).toEqual(ALL_RIGHT);
  });

  test('renews again without a person when the right key is back', async () => {
    const { slug } = await stage.expired();
    const { was } = await breakSeal(slug, 'sealedRefreshToken');
    await expect(stage.keep(slug)).rejects.toMatchObject({ code: 'consent-needed' });

    await stage.plant(slug, { sealedRefreshToken: was });
    expect(await stage.callsDuring(() => stage.keep(slug))).toBe(1);
    expect(await stage.grant(slug)).toMatchObject({ state: 'held', reason: null, generation: 2 });
  });
});

describe('the secrets of a connection', () => {
  const plantSecrets = (slug: string, sealedSecrets: string) =>
    withSystem(() => session.nativeUpdate(Connection, { slug }, { sealedSecrets }));
  const secretsOf = (slug: string) =>
    withSystem(() => session.findOneOrFail(Connection, { slug }, { populate: ['sealedSecrets'], refresh: true }));

  test('that do not open make it misconfigured; nothing is asked or overwritten, and the right key mends it', async () => {
    const { slug } = await stage.due();
    const was = (await secretsOf(slug)).sealedSecrets as string;
    await plantSecrets(slug, flipped(was));

    const asked = await stage.callsDuring(() =>
      expect(stage.keep(slug)).rejects.toMatchObject({ code: 'misconfigured' }),
    );
    expect(asked).toBe(0);
    expect(await stage.grant(slug)).toMatchObject({
      state: 'misconfigured',
      reason: 'seal-broken',
      detail: expect.stringContaining('enter each secret anew'),
    });
    expect((await secretsOf(slug)).sealedSecrets).toBe(flipped(was));
    expect(await pagesOf(slug)).toEqual(ALL_RIGHT);
    const call = await stage.owner.get(`/_proxy/${slug}/hello`);
    expect(call.status).not.toBe(500);

    await plantSecrets(slug, was);
    expect((await stage.renew(slug)).json()).toMatchObject({ state: 'fresh', generation: 2 });
  });
});
