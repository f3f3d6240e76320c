import { describe, expect, test } from '@jest/globals';
import { Misconfigured } from '../../src/kernel/errors.ts';
import { headerValue } from '../../src/kernel/headers.ts';
import { pushedRequest, readPushedReply } from '../../src/oauth/pushed-authorization.ts';
import { TestClock } from '../support/clock.ts';
import { answered, CLIENT_SECRET, failed, resultOf, settingsWith } from './answers.ts';

const ADDRESS = 'https://id.partner.example/par';
const STATE = 'the-state-of-this-consent';
const CONSENT = { state: STATE, challenge: 'ch', redirectUri: 'https://callbook.example/consent/callback' };
const REQUEST_URI = 'urn:ietf:params:oauth:request_uri:6esc_11ACC5bwc014ltc14eY22c';
const TOOLS = { clock: new TestClock(), newId: () => 'id-1' };
const settings = settingsWith({ pushedAuthorizationUrl: ADDRESS, resource: ['https://api.example'] });

describe('A request that is pushed', () => {
  test('says in its body what the browser would have said, and proves the client', async () => {
    const parameters = [{ phase: 'authorize', in: 'query', name: 'prompt', value: 'consent' } as const];
    const secrets = { clientSecret: CLIENT_SECRET };
    const { method, url, headers, body } = await pushedRequest({ ...settings, parameters }, secrets, CONSENT, TOOLS);

    expect([method, url]).toEqual(['POST', ADDRESS]);
    expect(headerValue(headers, 'authorization')).toMatch(/^Basic /);
    expect(Object.fromEntries(new URLSearchParams(new TextDecoder().decode(body ?? undefined)))).toEqual({
      response_type: 'code',
      client_id: 'abc',
      redirect_uri: CONSENT.redirectUri,
      scope: 'orders',
      resource: 'https://api.example',
      state: STATE,
      code_challenge: 'ch',
      code_challenge_method: 'S256',
      prompt: 'consent',
    });
  });

  test('names a client that proves nothing', async () => {
    const { headers, body } = await pushedRequest({ ...settings, clientAuthentication: 'none' }, {}, CONSENT, TOOLS);
    expect(headerValue(headers, 'authorization')).toBeNull();
    expect(new URLSearchParams(new TextDecoder().decode(body ?? undefined)).getAll('client_id')).toEqual(['abc']);
  });

  test.each([null, 'http://id.partner.example/par', 'not an address'])(
    'goes nowhere without an address: %s',
    async (address) => {
      const pushed = pushedRequest(
        { ...settings, pushedAuthorizationUrl: address },
        { clientSecret: 'x' },
        CONSENT,
        TOOLS,
      );
      await expect(pushed).rejects.toThrow(Misconfigured);
    },
  );

  test('goes nowhere without the secret', async () => {
    await expect(pushedRequest(settings, {}, CONSENT, TOOLS)).rejects.toThrow(Misconfigured);
  });
});

describe('The answer to a pushed request', () => {
  test.each([
    [201, { request_uri: REQUEST_URI, expires_in: 90 }, 90],
    [200, { request_uri: REQUEST_URI, expires_in: '30' }, 30],
    [201, { request_uri: REQUEST_URI }, 60],
    [201, { request_uri: REQUEST_URI, expires_in: -1 }, 60],
    [201, { request_uri: REQUEST_URI, expires_in: 1e9 }, 600],
  ])('%i names it and says how long', (status, body, expiresIn) => {
    expect(readPushedReply(resultOf(answered(status, body)))).toEqual({
      kind: 'pushed',
      requestUri: REQUEST_URI,
      expiresIn,
    });
  });

  test.each([
    ['no name', answered(201, {}), 'no-request-uri', 'did not say what it is called'],
    ['a name that is none', answered(201, { request_uri: 'a b' }), 'no-request-uri', 'did not say'],
    ['an empty name', answered(201, { request_uri: '' }), 'no-request-uri', 'did not say'],
    ['a page', answered(200, '<html>'), 'no-request-uri', 'did not say'],
    ['a name cut off', answered(201, { request_uri: REQUEST_URI }, [], true), 'no-request-uri', 'did not say'],
    ['another client', answered(401, { error: 'invalid_client' }), 'invalid_client', 'does not accept the client id'],
    ['a client that may not', answered(400, { error: 'unauthorized_client' }), 'unauthorized_client', 'does not let'],
    ['another scope', answered(400, { error: 'invalid_scope' }), 'invalid_scope', 'does not accept the scope'],
    ['another resource', answered(400, { error: 'invalid_target' }), 'invalid_target', 'does not know the resource'],
    ['another redirect URI', answered(400, { error: 'invalid_redirect_uri' }), 'invalid_redirect_uri', 'Register it'],
    ['a request it cannot read', answered(400, { error: 'invalid_request' }), 'invalid_request', 'cannot make sense'],
    ['a proof it misses', answered(400, { error: 'use_dpop_nonce' }), 'use_dpop_nonce', 'proof of possession'],
    ['a word of its own', answered(400, { error: 'on_holiday' }), 'on_holiday', '(on_holiday)'],
    ['an error inside 200', answered(200, { error: 'server_error' }), 'server_error', 'failed. Try again'],
    ['nothing there', answered(404, 'Not found'), 'http-404', 'has nothing at the address'],
    ['another method', answered(405, ''), 'http-405', 'takes no pushed requests'],
    ['too large', answered(413, ''), 'http-413', 'too large'],
    ['too often', answered(429, ''), 'http-429', 'asked too often'],
    ['a gateway', answered(502, '<html>'), 'http-502', '(502)'],
    ['a redirect', answered(302, '', [['location', 'https://evil.example']]), 'redirect', 'never followed'],
    ['no answer', failed('timeout', true), 'timeout', 'could not be asked: It failed: timeout.'],
    ['no connection', failed('refused-address', false), 'refused-address', 'could not be asked'],
  ])('is a sentence of its own with %s', (_what, outcome, code, words) => {
    expect(readPushedReply(resultOf(outcome))).toMatchObject({
      kind: 'failed',
      code,
      detail: expect.stringContaining(words),
    });
  });

  test('quotes the provider without what we sent', () => {
    const body = { error: 'invalid_request', error_description: `Bad state hush-hush` };
    const reply = readPushedReply(resultOf(answered(400, body)), (text) => text.replaceAll('hush-hush', '*redacted*'));
    expect(reply).toMatchObject({ detail: expect.stringMatching(/It says: “Bad state \*redacted\*”$/) });
  });
});
