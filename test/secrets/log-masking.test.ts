import { describe, expect, test } from '@jest/globals';
import { maskFacts, maskLogText } from '../../src/secrets/log-masking.ts';
import { ownWorkMs } from '../support/own-work.ts';

describe('a log line', () => {
  test.each([
    ['Authorization: Bearer abc def', 'Authorization: *redacted*'],
    ['sent Bearer abc.DEF-123~ to it', 'sent Bearer *redacted* to it'],
    ['sent Basic Y2xpZW50OnNlY3JldA== to it', 'sent Basic *redacted* to it'],
    ['cookie: a=b; c=d\nnext', 'cookie: *redacted*\nnext'],
    ['token eyJhbGciOi.eyJzdWIiOi.c2ln end', 'token *redacted* end'],
    [`GET /x/cbk_${'a-_B'.repeat(11)}/y failed`, 'GET /x/*redacted*/y failed'],
    ['a -----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY----- b', 'a *redacted* b'],
    ['-----BEGIN PRIVATE KEY----- cut off', '*redacted*'],
    ['postgres://me:pass@db.example/x failed', 'postgres://*redacted*@db.example/x failed'],
    ['GET https://a.example/x?state=1&b=2 failed', 'GET https://a.example/x?state=*redacted*&b=2 failed'],
    ['{"refresh_token":"a b","state":"fresh"}', '{"refresh_token":"*redacted*","state":"fresh"}'],
    ["password='a b' user=me", "password='*redacted*' user=me"],
    ['Error: access_token=abcdefghijk bad', 'Error: access_token=*redacted* bad'],
    ['client_secret=abc&x=1', 'client_secret=*redacted*&x=1'],
  ])('%j is masked', (line, wanted) => {
    expect(maskLogText(line)).toBe(wanted);
  });

  test.each([
    'Request failed, code: ECONNREFUSED, state: due',
    'Bearer authentication is wanted, Basic authentication is not',
    'API keys begin with cbk_ and this one ends with cbk_…a1b2',
    'Listening on http://127.0.0.1:3000',
    'owner@example.org asked for /connections/partner//x@y',
  ])('%j stays', (line) => {
    expect(maskLogText(line)).toBe(line);
  });

  test('of a million letters costs no time to speak of', async () => {
    for (const piece of ['a.', 'eyJ', '://', '-----BEGIN A-----', 'bearer ', 'a=', '?a', '"', 'token ', '&#x']) {
      const line = piece.repeat(Math.ceil(200_000 / piece.length));
      expect(await ownWorkMs(() => maskLogText(line))).toBeLessThan(1500);
    }
  });
});

describe('facts', () => {
  test('lose what is secret by name, by shape and in pairs, at any depth', () => {
    expect(
      maskFacts({
        token: 'a',
        refreshToken: ['b'],
        password: 3,
        secret: null,
        note: 'Bearer abcdef123',
        url: new URL('https://a.example/').href,
        headers: [
          ['Authorization', 'x'],
          ['accept', '*/*'],
        ],
        inner: { cookie: 'c', list: [{ apiKey: 'd' }] },
      }),
    ).toEqual({
      token: '*redacted*',
      refreshToken: '*redacted*',
      password: '*redacted*',
      secret: null,
      note: 'Bearer *redacted*',
      url: 'https://a.example/',
      headers: [
        ['Authorization', '*redacted*'],
        ['accept', '*/*'],
      ],
      inner: { cookie: '*redacted*', list: [{ apiKey: '*redacted*' }] },
    });
  });

  test('keep what tells about the app', () => {
    const facts = { code: 'ECONNRESET', state: 'fresh', key: 'a', pin: 'b', at: new Date(0), n: 1, ok: true };
    expect(maskFacts(facts)).toEqual(facts);
  });

  test('tell an error without what hangs on it', () => {
    const error = Object.assign(new Error('refused Bearer abcdef123', { cause: new Error('inner password=x') }), {
      code: 'E',
      config: { headers: 'abcdef123' },
    });
    const masked = maskFacts({ error });
    expect(masked).toMatchObject({ error: { name: 'Error', message: 'refused Bearer *redacted*', code: 'E' } });
    expect(masked).toMatchObject({ error: { cause: { message: 'inner password=*redacted*' } } });
    expect(JSON.stringify(masked)).not.toContain('abcdef123');
  });

  test('that go in circles, very deep or in bytes come to an end', () => {
    const loop: Record<string, unknown> = { bytes: Buffer.from('secret') };
    loop['self'] = loop;
    expect(maskFacts(loop)).toEqual({ bytes: '6 bytes', self: '*too deep*' });
  });
});
