import { readFile, stat } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { systemRandom } from '../../src/kernel/ids.ts';
import { newVerifier } from '../../src/oauth/authorization.ts';
import { readRevocationReply, revocationRequest } from '../../src/oauth/revocation.ts';
import { Browser } from './browser.ts';
import { Practising, REDIRECT_URI, sent, TOOLS } from './practising.ts';

const REFUSED = { kind: 'refused', code: 'invalid_grant' };

describe('A consent at the practice provider', () => {
  test('is one page and one post, and brings tokens for 60 seconds', async () => {
    await using at = await Practising.start();
    const { accessToken, refreshToken, expiresAt, scope } = await at.consent();
    expect(accessToken).toMatch(/^[\w-]{20,}$/);
    expect(refreshToken).toMatch(/^[\w-]{20,}$/);
    expect(scope).toBe('orders offline_access');
    expect(expiresAt.getTime() - Date.now()).toBeGreaterThan(55_000);
    expect(expiresAt.getTime() - Date.now()).toBeLessThanOrEqual(60_000);
    expect((await at.call(accessToken, '/orders')).status).toBe(200);
  });

  test('says who answers (RFC 9207)', async () => {
    await using at = await Practising.start();
    const { params, reply } = await at.answer('allow', newVerifier(systemRandom));
    expect(params.get('iss')).toBe(at.origin);
    expect(reply.kind).toBe('code');
  });

  test('shows who asks for what, in a page that loads and leaks nothing', async () => {
    await using at = await Practising.start();
    const browser = new Browser();
    const { page } = await at.answer('allow', newVerifier(systemRandom), browser);
    const html = await page.answer.text();
    expect(page.answer.status).toBe(200);
    expect(html).toMatch(/Practice provider.*Let Callbook in\?.*orders.*offline_access.*Refuse.*Allow/s);
    expect(html).not.toMatch(/https?:\/\/(?!127\.0\.0\.1:9)|<script|src=/);
    expect(page.answer.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/=]+'; form-action 'self' http:\/\/127\.0\.0\.1:9; frame-ancestors 'none'/,
    );
  });

  test('can be refused, and asked again in the same browser', async () => {
    await using at = await Practising.start();
    const browser = new Browser();
    const refused = await at.answer('refuse', newVerifier(systemRandom), browser);
    expect(refused.reply).toMatchObject({ kind: 'refused', code: 'access_denied' });
    const verifier = newVerifier(systemRandom);
    expect((await at.answer('allow', verifier, browser)).reply.kind).toBe('code');
    expect((await at.answer('allow', verifier, browser)).reply.kind).toBe('code');
  });

  test('gives nothing for a code with the wrong verifier, and nothing for a code twice', async () => {
    await using at = await Practising.start();
    const verifier = newVerifier(systemRandom);
    const { callback } = await at.answer('allow', verifier);
    const grant = { kind: 'code', callback, redirectUri: REDIRECT_URI } as const;
    expect(await at.ask({ ...grant, verifier: newVerifier(systemRandom) })).toMatchObject(REFUSED);

    const second = await at.answer('allow', verifier);
    const rightGrant = { ...grant, callback: second.callback, verifier };
    expect(await at.ask(rightGrant)).toMatchObject({ kind: 'granted' });
    expect(await at.ask(rightGrant)).toMatchObject(REFUSED);
  });

  test('is refused without PKCE, and for another redirect URI', async () => {
    await using at = await Practising.start();
    const base = `${at.origin}/auth?client_id=callbook&response_type=code&scope=orders&state=s`;
    const browser = new Browser();
    const bare = await browser.get(`${base}&redirect_uri=${encodeURIComponent(REDIRECT_URI)}`);
    expect(new URL(bare.headers.get('location') ?? '').searchParams.get('error')).toBe('invalid_request');
    const elsewhere = await browser.get(`${base}&redirect_uri=https://evil.example/`);
    expect(elsewhere.status).toBe(400);
    expect(elsewhere.headers.get('location')).toBeNull();
    expect(await elsewhere.text()).toMatch(/This did not work.*invalid_redirect_uri/s);
  });

  test('has a page for a consent that is not under way', async () => {
    await using at = await Practising.start();
    const answer = await new Browser().get(`${at.origin}/consent/unknown`);
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('This consent has ended');
  });
});

describe('A refresh token of the practice provider', () => {
  test('rotates', async () => {
    await using at = await Practising.start();
    const first = await at.consent();
    const reply = await at.refresh(first.refreshToken);
    expect(reply).toMatchObject({ kind: 'granted', tokens: { refreshToken: expect.any(String) } });
    if (reply.kind !== 'granted') return;
    expect(reply.tokens.refreshToken).not.toBe(first.refreshToken);
    expect(reply.tokens.accessToken).not.toBe(first.accessToken);
    expect(await at.refresh(reply.tokens.refreshToken)).toMatchObject({ kind: 'granted' });
  });

  test('ends its whole family when it comes twice', async () => {
    await using at = await Practising.start();
    const first = await at.consent();
    const second = await at.refresh(first.refreshToken);
    if (second.kind !== 'granted') throw new Error(second.detail);
    expect(await at.refresh(first.refreshToken)).toMatchObject(REFUSED);
    expect(await at.refresh(second.tokens.refreshToken)).toMatchObject(REFUSED);
    expect((await at.call(second.tokens.accessToken, '/orders')).status).toBe(401);
  });

  test('is good for one of twenty that come at once, and the family ends', async () => {
    await using at = await Practising.start();
    const { refreshToken } = await at.consent();
    const replies = await Promise.all(Array.from({ length: 20 }, () => at.refresh(refreshToken)));
    const granted = replies.filter((reply) => reply.kind === 'granted');
    expect(granted.length).toBeLessThanOrEqual(1);
    expect(replies.filter((reply) => reply.kind === 'refused')).toHaveLength(20 - granted.length);
    for (const { tokens } of granted) expect(await at.refresh(tokens.refreshToken)).toMatchObject(REFUSED);
  });

  test('spares another family', async () => {
    await using at = await Practising.start();
    const [mine, theirs] = [await at.consent(), await at.consent()];
    await at.refresh(mine.refreshToken);
    await at.refresh(mine.refreshToken);
    expect(await at.refresh(theirs.refreshToken)).toMatchObject({ kind: 'granted' });
  });

  test('can be given back (RFC 7009)', async () => {
    await using at = await Practising.start();
    const { refreshToken, accessToken } = await at.consent();
    const secrets = { clientSecret: at.practice.client.secret };
    const request = await revocationRequest(at.settings, secrets, refreshToken, 'refresh_token', TOOLS);
    expect(readRevocationReply(await sent(request))).toEqual({ kind: 'revoked' });
    expect(await at.refresh(refreshToken)).toMatchObject(REFUSED);
    expect((await at.call(accessToken, '/orders')).status).toBe(401);
  });
});

describe('The client of the practice provider', () => {
  test.each(['client_secret_basic', 'client_secret_post'] as const)(
    'proves itself by %s',
    async (clientAuthentication) => {
      await using at = await Practising.start();
      const settings = { ...at.settings, clientAuthentication, scope: 'orders' };
      const reply = await at.ask({ kind: 'client-credentials' }, settings);
      expect(reply).toMatchObject({ kind: 'granted', tokens: { refreshToken: null, scope: 'orders' } });
      if (reply.kind === 'granted') expect((await at.call(reply.tokens.accessToken, '/orders')).status).toBe(200);
    },
  );

  test('is told apart from one with another secret', async () => {
    await using at = await Practising.start();
    const request = await revocationRequest(
      at.settings,
      { clientSecret: 'not the secret' },
      'x',
      'refresh_token',
      TOOLS,
    );
    expect(readRevocationReply(await sent(request))).toMatchObject({ code: 'invalid_client' });
  });

  test('has a secret of its own in every installation', async () => {
    await using one = await Practising.start();
    await using other = await Practising.start();
    expect(one.practice.client.secret).toMatch(/^[\w-]{43}$/);
    expect(one.practice.client.secret).not.toBe(other.practice.client.secret);
  });
});

describe('The practice provider', () => {
  test('tells programs where everything is', async () => {
    await using at = await Practising.start();
    const told = await (await fetch(`${at.origin}/.well-known/openid-configuration`)).json();
    expect(told).toMatchObject({
      issuer: at.origin,
      token_endpoint: at.settings.tokenUrl,
      revocation_endpoint: at.settings.revocationUrl,
      authorization_endpoint: at.settings.authorizationUrl?.replace('?prompt=consent', ''),
      authorization_response_iss_parameter_supported: true,
    });
  });

  test('keeps its state for its owner only', async () => {
    await using at = await Practising.start();
    const { refreshToken } = await at.consent();
    expect((await stat(at.stateFile)).mode & 0o777).toBe(0o600);
    expect(await readFile(at.stateFile, 'utf8')).toContain(refreshToken);
  });
});
