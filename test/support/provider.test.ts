import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { hold, openProvider, type Provider } from './provider.ts';

describe('a provider that rotates strictly', () => {
  test('gives a new refresh token for every one it takes', async () => {
    await using provider = await openProvider();
    const first = provider.issueGrant();

    const { status, body } = await refresh(provider, first.refreshToken);

    expect(status).toBe(200);
    expect(body['refresh_token']).not.toBe(first.refreshToken);
    expect(provider.isLive(String(body['access_token']))).toBe(true);
    expect(provider.asked).toMatchObject({ total: 1, doubleSpends: 0, familiesRevoked: 0 });
    expect(provider.asked.byRefreshToken.get(first.refreshToken)).toBe(1);
  });

  test('refuses a spent token and revokes its whole family', async () => {
    await using provider = await openProvider();
    const first = provider.issueGrant();
    const second = await refresh(provider, first.refreshToken);

    const again = await refresh(provider, first.refreshToken);

    expect(again).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect(provider.asked).toMatchObject({ total: 2, doubleSpends: 1, familiesRevoked: 1 });
    expect(provider.isLive(String(second.body['access_token']))).toBe(false);
    expect((await refresh(provider, String(second.body['refresh_token']))).status).toBe(400);
  });
});

describe('a provider with a grace of 10 s', () => {
  test('takes a spent token within it and refuses it after it', async () => {
    const clock = { at: 0, now: () => new Date(clock.at) };
    await using provider = await openProvider({ graceSeconds: 10, clock });
    const { refreshToken } = provider.issueGrant();
    await refresh(provider, refreshToken);

    clock.at = 9_999;
    expect((await refresh(provider, refreshToken)).status).toBe(200);
    clock.at = 10_000;
    expect((await refresh(provider, refreshToken)).status).toBe(400);
    expect(provider.asked.doubleSpends).toBe(1);
  });
});

describe('a provider that does not rotate', () => {
  test('answers without a refresh token and takes the old one again', async () => {
    await using provider = await openProvider({ rotation: false });
    const { refreshToken } = provider.issueGrant();

    expect((await refresh(provider, refreshToken)).body).not.toHaveProperty('refresh_token');
    expect((await refresh(provider, refreshToken)).status).toBe(200);
    expect(provider.asked.doubleSpends).toBe(0);
  });
});

describe('a scripted fault', () => {
  test.each(['reset', 'silence'] as const)('%s leaves the token unspent and gives no answer', async (fault) => {
    await using provider = await openProvider();
    const { refreshToken } = provider.issueGrant();
    provider.next(fault);

    await expect(refresh(provider, refreshToken, AbortSignal.timeout(200))).rejects.toThrow();

    expect(provider.asked.total).toBe(1);
    expect((await refresh(provider, refreshToken)).status).toBe(200);
  });

  test.each(['rotate-then-reset', 'rotate-then-silence', 'cut'] as const)('%s spends the token', async (fault) => {
    await using provider = await openProvider();
    const { refreshToken } = provider.issueGrant();
    provider.next(fault);

    await expect(refresh(provider, refreshToken, AbortSignal.timeout(200))).rejects.toThrow();

    expect(provider.book.isRedeemable(refreshToken)).toBe(false);
  });

  test('answers as it is written, in order, and once', async () => {
    await using provider = await openProvider();
    const { refreshToken } = provider.issueGrant();
    provider.next({ status: 503, headers: { 'retry-after': '7' }, body: 'later' }, { amend: { expires_in: '60' } });

    expect(await refresh(provider, refreshToken)).toMatchObject({ status: 503, text: 'later', retryAfter: '7' });
    expect((await refresh(provider, refreshToken)).body).toMatchObject({ expires_in: '60' });
  });

  test('holds a request until it is let go', async () => {
    await using provider = await openProvider();
    const { refreshToken } = provider.issueGrant();
    const holding = hold('answer');
    provider.next(holding.fault);

    const answer = refresh(provider, refreshToken);
    await holding.reached;
    expect(provider.book.isRedeemable(refreshToken)).toBe(false);
    holding.release();

    expect((await answer).status).toBe(200);
  });
});

describe('a client', () => {
  test('gets a token for its credentials, as Basic or in the form, and none for wrong ones', async () => {
    await using provider = await openProvider({ clientId: 'a b', clientSecret: 'pä:ss+word-of-24-characters' });
    const form = { grant_type: 'client_credentials', scope: 'orders' };
    const credentials = { client_id: 'a b', client_secret: provider.clientSecret ?? '' };
    const basic = new URLSearchParams({ [credentials.client_id]: credentials.client_secret })
      .toString()
      .replace('=', ':');

    const post = await ask(provider, { ...form, ...credentials });
    const header = await ask(provider, form, { authorization: `Basic ${Buffer.from(basic).toString('base64')}` });
    const wrong = await ask(provider, { ...form, ...credentials, client_secret: 'no' });

    expect([post.status, header.status, wrong.status]).toEqual([200, 200, 401]);
    expect(post.body).toMatchObject({ token_type: 'Bearer', expires_in: 3600, scope: 'orders' });
    expect(provider.asked.byGrant.get('client_credentials')).toBe(3);
  });

  test('revokes a family', async () => {
    await using provider = await openProvider();
    const { accessToken, refreshToken } = provider.issueGrant();

    await fetch(provider.revocationUrl, {
      method: 'POST',
      body: new URLSearchParams({ token: refreshToken, ...asClient(provider) }),
    });

    expect(provider.isLive(accessToken)).toBe(false);
  });
});

describe('a consent', () => {
  const verifier = 'v'.repeat(43);
  const query = {
    response_type: 'code',
    redirect_uri: 'http://127.0.0.1:9/consent/callback',
    state: 'st',
    scope: 'orders',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  };

  test('ends in a code that works once, with the right verifier only', async () => {
    await using provider = await openProvider();
    const redeem = (code: string, code_verifier: string) =>
      ask(provider, {
        grant_type: 'authorization_code',
        redirect_uri: query.redirect_uri,
        code,
        code_verifier,
        ...asClient(provider),
      });
    const back = await authorize(provider, query);
    const code = back.get('code') ?? '';

    expect(Object.fromEntries(back)).toEqual({ code, state: 'st', iss: provider.origin });
    const { status, body } = await redeem(code, verifier);
    expect(status).toBe(200);
    expect(body).toHaveProperty('refresh_token');
    expect((await redeem(code, verifier)).status).toBe(400);
    expect((await redeem((await authorize(provider, query)).get('code') ?? '', 'w'.repeat(43))).status).toBe(400);
  });

  test('ends in the scripted error', async () => {
    await using provider = await openProvider();
    provider.refuseConsent('access_denied');

    expect((await authorize(provider, query)).get('error')).toBe('access_denied');
    expect((await authorize(provider, query)).get('code')).not.toBeNull();
  });
});

describe('the secrets of a provider', () => {
  test('are everything that a test must not find elsewhere', async () => {
    await using provider = await openProvider();
    const { accessToken, refreshToken } = provider.issueGrant();
    const { body } = await refresh(provider, refreshToken);

    const secrets = provider.secrets();

    expect(secrets).toEqual(
      expect.arrayContaining([
        provider.clientSecret,
        accessToken,
        refreshToken,
        body['access_token'],
        body['refresh_token'],
      ]),
    );
    expect(secrets.every((secret) => secret.length >= 24)).toBe(true);
    expect(new Set(secrets).size).toBe(5);
  });
});

function asClient({ clientId, clientSecret }: Provider): Record<string, string> {
  return { client_id: clientId, client_secret: clientSecret ?? '' };
}

function refresh(provider: Provider, refreshToken: string, signal?: AbortSignal) {
  return ask(provider, { grant_type: 'refresh_token', refresh_token: refreshToken, ...asClient(provider) }, {}, signal);
}

async function ask(
  provider: Provider,
  form: Record<string, string>,
  headers: Record<string, string> = {},
  signal?: AbortSignal,
) {
  const init = { method: 'POST', headers, body: new URLSearchParams(form), ...(signal && { signal }) };
  const reply = await fetch(provider.tokenUrl, init);
  const text = await reply.text();
  const body: Record<string, unknown> = text.startsWith('{') ? JSON.parse(text) : {};
  return { status: reply.status, text, body, retryAfter: reply.headers.get('retry-after') };
}

async function authorize(provider: Provider, query: Record<string, string>): Promise<URLSearchParams> {
  const search = new URLSearchParams({ client_id: provider.clientId, ...query });
  const reply = await fetch(`${provider.authorizationUrl}?${search}`, { redirect: 'manual' });
  return new URL(reply.headers.get('location') ?? '').searchParams;
}
