import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openStage, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

/** Pastes tokens into a connection that holds a grant already. */
async function paste(slug: string, pasted: Record<string, string>): Promise<void> {
  const reply = await stage.owner.post(`/connections/${slug}`, {
    name: 'Partner',
    slug,
    baseUrl: stage.api.origin,
    timeoutMs: '30000',
    width: '8',
    resendUnsafeOn401: 'on',
    authType: 'oauth2',
    grantType: 'refresh_token',
    tokenUrl: stage.provider.tokenUrl,
    clientId: stage.provider.clientId,
    clientAuthentication: 'client_secret_basic',
    ...pasted,
  });
  expect(reply.status).toBe(303);
}

/** A token that says itself when it ends (RFC 7519). */
function jwt(seconds: number): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(stage.app.clock.now().getTime() / 1000) + seconds;
  return `${part({ alg: 'none' })}.${part({ exp })}.signature`;
}

describe('an access token that is pasted', () => {
  test('is used at once, and the refresh token held renews it later', async () => {
    const { slug, refreshToken } = await stage.hold();
    await paste(slug, { accessToken: 'pasted-by-a-person', expiresIn: '600' });
    await stage.owner.call(slug, 'GET', '/orders');

    expect(stage.api.tokensSeen()[0]).toBe('pasted-by-a-person');
    expect(stage.provider.asked.byRefreshToken.get(refreshToken)).toBe(1);
    expect(await stage.grant(slug)).toMatchObject({ state: 'held', generation: 3 });
  });

  test.each([
    ['as it says itself', () => ({ accessToken: jwt(1200) }), 1200],
    ['55 minutes where nobody knows', () => ({ accessToken: 'opaque-to-everybody' }), 3300],
    ['55 minutes for 0 seconds', () => ({ accessToken: 'opaque-to-everybody', expiresIn: '0' }), 3300],
    ['as long as the person says', () => ({ accessToken: jwt(1200), expiresIn: '900' }), 900],
  ])('lives %s', async (_what, pasted, seconds) => {
    const { slug } = await stage.hold();
    await paste(slug, pasted());

    const { expiresIn } = await stage.owner.told(slug);
    expect(expiresIn).toBeGreaterThan(seconds - 20);
    expect(expiresIn).toBeLessThanOrEqual(seconds);
  });
});

describe('a refresh token that is pasted', () => {
  test('brings an access token of its own: the old one is not used any more', async () => {
    const { slug } = await stage.hold();
    const { refreshToken } = stage.provider.issueGrant();
    await paste(slug, { refreshToken });

    expect(await stage.grant(slug)).toMatchObject({ state: 'held', generation: 2, sealedAccessToken: null });
    expect(await stage.owner.told(slug)).toMatchObject({ state: 'fresh', generation: 3 });
    expect(stage.provider.asked.byRefreshToken.get(refreshToken)).toBe(1);
  });
});

describe('a connection that is edited to fetch its grant anew', () => {
  test('does not spend the refresh token it still holds', async () => {
    const { slug, refreshToken } = await stage.hold();
    await paste(slug, { grantType: 'client_credentials' });

    expect((await stage.renew(slug)).json()).toMatchObject({ state: 'fresh', generation: 3 });
    expect(stage.provider.asked.byRefreshToken.get(refreshToken)).toBeUndefined();
    expect(await stage.attempts(slug)).toMatchObject([{ state: 'done', fingerprint: null }]);
  });
});
