import { describe, expect, test } from '@jest/globals';
import type { ClientAuthentication, OAuth2Settings } from '../../src/kernel/auth.ts';
import { Misconfigured } from '../../src/kernel/errors.ts';
import type { OutboundRequest } from '../../src/kernel/exchange.ts';
import { readCallback } from '../../src/oauth/authorization.ts';
import { revocationRequest } from '../../src/oauth/revocation.ts';
import { type TokenGrant, tokenRequest } from '../../src/oauth/token-request.ts';
import { CLIENT_SECRET, SENT_AT, settingsWith } from './answers.ts';

const REFRESH: TokenGrant = { kind: 'refresh', refreshToken: 'r+1/2=' };
const TOOLS = { clock: { now: () => SENT_AT }, newId: () => 'id-1' };
const SECRETS = { clientSecret: CLIENT_SECRET };

const formOf = ({ body }: OutboundRequest) =>
  Object.fromEntries(new URLSearchParams(new TextDecoder().decode(body ?? undefined)));
const by = (clientAuthentication: ClientAuthentication, others: Partial<OAuth2Settings> = {}) =>
  settingsWith({ clientAuthentication, ...others });

describe('A token request', () => {
  test('goes out as a form, with the headers that are shown and no others', async () => {
    const request = await tokenRequest(by('none'), {}, REFRESH, TOOLS);
    expect(request).toMatchObject({ method: 'POST', url: 'https://id.partner.example/token' });
    expect(request.headers).toEqual([
      ['accept', 'application/json'],
      ['content-type', 'application/x-www-form-urlencoded;charset=UTF-8'],
      ['user-agent', 'callbook'],
    ]);
    expect(formOf(request)).toEqual({ grant_type: 'refresh_token', refresh_token: 'r+1/2=', client_id: 'abc' });
  });

  test('form-encodes both halves of the Basic pair', async () => {
    const request = await tokenRequest(by('client_secret_basic', { clientId: 'a b:c' }), SECRETS, REFRESH, TOOLS);
    const pair = Buffer.from('a+b%3Ac:p%26ss%3Aw%C3%B6rd+of+the+client').toString('base64');
    expect(request.headers).toContainEqual(['authorization', `Basic ${pair}`]);
    expect(formOf(request)).toEqual({ grant_type: 'refresh_token', refresh_token: 'r+1/2=' });
  });

  test('carries the secret in the form, and nowhere else, for client_secret_post', async () => {
    const request = await tokenRequest(by('client_secret_post'), SECRETS, REFRESH, TOOLS);
    expect(formOf(request)).toMatchObject({ client_id: 'abc', client_secret: CLIENT_SECRET });
    expect(request.headers.map(([name]) => name)).not.toContain('authorization');
    expect(request.url).not.toContain('secret');
  });

  test('carries no secret for a client without one, even where one is held', async () => {
    const request = await tokenRequest(by('none'), SECRETS, REFRESH, TOOLS);
    expect(JSON.stringify([request.headers, formOf(request)])).not.toMatch(/client_secret|p&ss|authorization/);
  });

  test('asks for a narrower scope only when told to', async () => {
    expect(formOf(await tokenRequest(by('none'), {}, REFRESH, TOOLS))).not.toHaveProperty('scope');
    expect(formOf(await tokenRequest(by('none'), {}, { ...REFRESH, scope: 'a b' }, TOOLS))).toMatchObject({
      scope: 'a b',
    });
  });

  test('asks for the set-up scope with client credentials', async () => {
    const asked = await tokenRequest(by('client_secret_basic'), SECRETS, { kind: 'client-credentials' }, TOOLS);
    expect(formOf(asked)).toEqual({ grant_type: 'client_credentials', scope: 'orders' });
    const bare = await tokenRequest(
      by('client_secret_basic', { scope: null }),
      SECRETS,
      {
        kind: 'client-credentials',
      },
      TOOLS,
    );
    expect(formOf(bare)).toEqual({ grant_type: 'client_credentials' });
  });

  test('redeems a code with its verifier and redirect URI', async () => {
    const reply = readCallback(settingsWith(), new URLSearchParams({ code: 'c0de', state: 'st' }), 'st');
    if (reply.kind !== 'code') throw new Error(reply.detail);
    const redirectUri = 'http://127.0.0.1:3000/consent/callback';
    const grant = { kind: 'code', callback: reply.callback, verifier: 'v'.repeat(43), redirectUri } as const;
    expect(formOf(await tokenRequest(by('none'), {}, grant, TOOLS))).toEqual({
      grant_type: 'authorization_code',
      code: 'c0de',
      redirect_uri: redirectUri,
      code_verifier: 'v'.repeat(43),
      client_id: 'abc',
    });
  });

  test('keeps the query of the token URL', async () => {
    const request = await tokenRequest(
      by('none', { tokenUrl: 'https://id.partner.example/token?tenant=7' }),
      {},
      REFRESH,
      TOOLS,
    );
    expect(request.url).toBe('https://id.partner.example/token?tenant=7');
  });

  test.each(['http://127.0.0.1:3001/token', 'http://localhost:3001/token', 'http://[::1]:3001/token'])(
    'goes to this machine over http: %s',
    async (tokenUrl) => {
      expect(await tokenRequest(by('none', { tokenUrl }), {}, REFRESH, TOOLS)).toMatchObject({ url: tokenUrl });
    },
  );

  test.each(['http://id.partner.example/token', 'http://127.0.0.1.example/token', 'ftp://127.0.0.1/', 'token', ''])(
    'is not made for %j',
    async (tokenUrl) => {
      await expect(tokenRequest(by('none', { tokenUrl }), {}, REFRESH, TOOLS)).rejects.toThrow(Misconfigured);
    },
  );

  test.each(['client_secret_basic', 'client_secret_post'] as const)(
    'is not made without a secret for %s',
    async (auth) => {
      await expect(tokenRequest(by(auth), {}, REFRESH, TOOLS)).rejects.toThrow(Misconfigured);
      await expect(tokenRequest(by(auth), { clientSecret: '' }, REFRESH, TOOLS)).rejects.toThrow(Misconfigured);
    },
  );
});

describe('A revocation request', () => {
  test('names the token and what it is', async () => {
    const request = await revocationRequest(by('none'), {}, 'r1', 'refresh_token', TOOLS);
    expect(request.url).toBe('https://id.partner.example/revoke');
    expect(formOf(request)).toEqual({ token: 'r1', token_type_hint: 'refresh_token', client_id: 'abc' });
  });

  test('is not made without a revocation URL', async () => {
    const asked = revocationRequest(by('none', { revocationUrl: null }), {}, 'r1', 'refresh_token', TOOLS);
    await expect(asked).rejects.toThrow(Misconfigured);
  });
});
