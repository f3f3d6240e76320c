import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { formOf } from '../../support/received.ts';
import { KEYS } from '../../oauth/jws.ts';
import { openProgramStage, type ProgramStage } from './program-stage.ts';
import { LIFE_S } from './stage.ts';

const PASSWORD = 'the password of a person at the partner';
const PASSWORD_GRANT = { grantType: 'password', username: 'mia', password: PASSWORD };
const REFUSED = { status: 400, body: { error: 'invalid_grant' } };

let at: ProgramStage;
beforeAll(async () => {
  at = await openProgramStage();
  at.stage.app.clock.stop();
});
afterAll(() => at[Symbol.asyncDispose]());

/** What the provider was asked with while `work` ran: the grant types, in order. */
async function asked(work: () => Promise<unknown>): Promise<(string | null)[]> {
  const { log } = at.stage.provider;
  const before = log.length;
  await work();
  return log
    .slice(before)
    .filter(({ path }) => path === '/token')
    .map((received) => formOf(received).get('grant_type'));
}

const told = (slug: string) => () => at.stage.owner.told(slug);
const renewed = (slug: string) => () => at.stage.renew(slug);
const ended = () => at.stage.app.clock.advance((LIFE_S + 1) * 1000);
/** The password brings a refresh token along, as it does at most providers. */
const withRefresh = (refreshToken: string) => ({ amend: { refresh_token: refreshToken } });

describe('a grant that needs no person', () => {
  test.each([
    ['client_credentials', {}],
    ['urn:ietf:params:oauth:grant-type:jwt-bearer', { privateKey: KEYS.ES256 }],
    ['urn:ietf:params:oauth:grant-type:token-exchange', { subjectToken: 'a subject token of the partner' }],
  ])('is had and had anew by %s, and no refresh token is kept', async (grantType, auth) => {
    const slug = await at.connect({ grantType, ...auth });
    at.stage.provider.next(withRefresh('a refresh token of no use'));
    expect(await asked(told(slug))).toEqual([grantType]);
    expect((await at.stage.grant(slug)).sealedRefreshToken).toBeNull();

    ended();
    expect(await asked(told(slug))).toEqual([grantType]);
    expect(await at.stage.grant(slug)).toMatchObject({ state: 'held', generation: 2 });
  });
});

describe('a grant had with a password', () => {
  test('uses the password once, and the refresh token from then on', async () => {
    const slug = await at.connect(PASSWORD_GRANT);
    const { refreshToken } = at.stage.provider.issueGrant();
    at.stage.provider.next(withRefresh(refreshToken));
    expect(await asked(told(slug))).toEqual(['password']);
    ended();
    expect(await asked(told(slug))).toEqual(['refresh_token']);
    expect(await at.stage.grant(slug)).toMatchObject({ state: 'held', generation: 2 });
  });

  test('uses the password anew where no refresh token came along', async () => {
    const slug = await at.connect(PASSWORD_GRANT);
    expect(await asked(told(slug))).toEqual(['password']);
    ended();
    expect(await asked(told(slug))).toEqual(['password']);
    expect(await at.stage.grant(slug)).toMatchObject({ state: 'held', generation: 2 });
  });

  test('waits for a person once the refresh token is refused: only then the password is used again', async () => {
    const slug = await at.connect(PASSWORD_GRANT);
    at.stage.provider.next(withRefresh('a refresh token that nobody knows'));
    await at.stage.owner.told(slug);
    ended();
    expect(await asked(told(slug))).toEqual(['refresh_token']);
    expect(await asked(told(slug))).toEqual([]);
    expect(await at.stage.grant(slug)).toMatchObject({ state: 'consent-needed', reason: 'invalid_grant' });

    expect(await asked(renewed(slug))).toEqual(['password']);
    const grant = await at.stage.grant(slug);
    expect(grant).toMatchObject({ state: 'held', generation: 2, sealedRefreshToken: null });
    ended();
    expect(await asked(told(slug))).toEqual(['password']);
  });

  test('does not try a wrong password twice by itself', async () => {
    const slug = await at.connect(PASSWORD_GRANT);
    at.stage.provider.next(REFUSED);
    expect(await asked(told(slug))).toEqual(['password']);
    expect(await at.stage.grant(slug)).toMatchObject({ state: 'misconfigured', reason: 'invalid_grant' });
    expect(await asked(told(slug))).toEqual([]);
    expect(await asked(renewed(slug))).toEqual(['password']);
  });

  test('is had again by hand after it was given back', async () => {
    const slug = await at.connect(PASSWORD_GRANT);
    await at.stage.owner.told(slug);
    expect((await at.program.ask('DELETE', `/api/v1/connections/${slug}/grant`)).status).toBeLessThan(300);
    expect(await asked(told(slug))).toEqual([]);
    expect(await asked(renewed(slug))).toEqual(['password']);
  });

  test('leaves the password nowhere', async () => {
    expect(await at.stage.leaks()).toEqual([]);
    expect(at.stage.app.log()).not.toContain(PASSWORD);
    for (const exchange of await at.stage.tokenCalls('partner'))
      expect(JSON.stringify(exchange)).not.toContain(PASSWORD);
  });
});
