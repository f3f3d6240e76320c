import { describe, expect, test } from '@jest/globals';
import type { Outcome } from '../../src/kernel/exchange.ts';
import type { HeaderPairs } from '../../src/kernel/headers.ts';
import { readTokenReply } from '../../src/oauth/token-reply.ts';
import { answered, failed, resultOf, settingsWith, TOKEN } from './answers.ts';
import { RECORDED } from './recorded-answers.ts';

const HTML: HeaderPairs = [['content-type', 'text/html']];
const FORM: HeaderPairs = [['content-type', 'application/x-www-form-urlencoded']];

const read = (outcome: Outcome) => readTokenReply(resultOf(outcome), settingsWith());

const WRONG = [
  'invalid_client',
  'unauthorized_client',
  'invalid_scope',
  'unsupported_grant_type',
  'invalid_request',
  'invalid_target',
  'invalid_dpop_proof',
  'interaction_required',
  'login_required',
  'consent_required',
];
const UNSENT = ['dns', 'connect', 'tls', 'refused-address', 'timeout', 'aborted'] as const;
const CUT = ['timeout', 'protocol', 'tls', 'aborted', 'too-large', 'connect'] as const;

/** What the answer is · the answer · its class · its code. */
const OTHERS: [string, Outcome, string, string][] = [
  ['invalid_grant with 400', answered(400, { error: 'invalid_grant' }), 'refused', 'invalid_grant'],
  ['invalid_grant with 401', answered(401, { error: 'invalid_grant' }), 'refused', 'invalid_grant'],
  ['invalid_grant inside a 200', answered(200, { error: 'invalid_grant' }), 'refused', 'invalid_grant'],
  [
    'invalid_grant as a form',
    answered(400, 'error=invalid_grant&error_description=no', FORM),
    'refused',
    'invalid_grant',
  ],
  [
    'invalid_grant with a token and 400',
    answered(400, { ...TOKEN, error: 'invalid_grant' }),
    'refused',
    'invalid_grant',
  ],
  [
    'invalid_grant only in the words',
    answered(400, { error: 'odd', error_description: 'invalid_grant' }),
    'transient',
    'odd',
  ],
  ['a code that only begins so', answered(400, { error: 'invalid_grant_x' }), 'transient', 'invalid_grant_x'],
  ['invalid_grant in another case', answered(400, { error: 'Invalid_Grant' }), 'transient', 'Invalid_Grant'],
  ['invalid_grant with 500', answered(500, { error: 'invalid_grant' }), 'transient', 'http-500'],
  ['invalid_grant with 429', answered(429, { error: 'invalid_grant' }), 'transient', 'http-429'],
  ...WRONG.map((error): [string, Outcome, string, string] => [error, answered(400, { error }), 'misconfigured', error]),
  [
    'invalid_client with a challenge',
    answered(401, { error: 'invalid_client' }, [['www-authenticate', 'Basic realm="x"']]),
    'misconfigured',
    'invalid_client',
  ],
  ['invalid_client inside a 200', answered(200, { error: 'invalid_client' }), 'misconfigured', 'invalid_client'],
  ...[301, 302, 303, 307, 308].map((status): [string, Outcome, string, string] => [
    `a redirect with ${status}`,
    answered(status, TOKEN, [['location', 'https://elsewhere.example/token']]),
    'misconfigured',
    'redirect',
  ]),
  ...[408, 429, 500, 503].map((status): [string, Outcome, string, string] => [
    `${status} with HTML`,
    answered(status, '<h1>Sorry</h1>', HTML),
    'transient',
    `http-${status}`,
  ]),
  ['a 503 with a token', answered(503, TOKEN), 'transient', 'http-503'],
  [
    'temporarily_unavailable',
    answered(400, { error: 'temporarily_unavailable' }),
    'transient',
    'temporarily_unavailable',
  ],
  ['server_error inside a 200', answered(200, { error: 'server_error' }), 'transient', 'server_error'],
  ['401 with no body', answered(401, ''), 'transient', 'http-401'],
  ['403 of a firewall', answered(403, '<html>blocked</html>', HTML), 'transient', 'http-403'],
  ['404', answered(404, '{"message":"not here"}'), 'transient', 'http-404'],
  ['400 with an error that is an object', answered(400, { error: { code: 400 } }), 'transient', 'http-400'],
  ...[502, 504, 520].map((status): [string, Outcome, string, string] => [
    `${status} with HTML`,
    answered(status, '<h1>Bad gateway</h1>', HTML),
    'ambiguous',
    `http-${status}`,
  ]),
  ['200 without a token', answered(200, { ok: true }), 'ambiguous', 'no-token'],
  ['200 with an empty token', answered(200, { access_token: '' }), 'ambiguous', 'no-token'],
  ['200 with a token that is a number', answered(200, { access_token: 12 }), 'ambiguous', 'no-token'],
  ['200 with a token that breaks a header', answered(200, { access_token: 'a\r\nx: y' }), 'ambiguous', 'no-token'],
  ['200 with an error nobody knows', answered(200, { error: 'bad_refresh_token' }), 'ambiguous', 'bad_refresh_token'],
  ['200 with HTML', answered(200, '<html>Sign in</html>', HTML), 'ambiguous', 'unreadable'],
  ['200 with garbage', answered(200, '\u0000\u0001%%%'), 'ambiguous', 'unreadable'],
  ['200 with nothing', answered(200, ''), 'ambiguous', 'unreadable'],
  ['200 with half a JSON', answered(200, '{"access_token":"new-acc'), 'ambiguous', 'unreadable'],
  ['200 with a list', answered(200, [TOKEN]), 'ambiguous', 'unreadable'],
  ['200 with 100,000 brackets', answered(200, '['.repeat(100_000)), 'ambiguous', 'unreadable'],
  ['200 over the cap', answered(200, TOKEN, [], true), 'ambiguous', 'too-large'],
  ['204', answered(204, ''), 'ambiguous', 'unreadable'],
  ...UNSENT.map((reason): [string, Outcome, string, string] => [
    `${reason} before anything was sent`,
    failed(reason, false),
    'transient',
    reason,
  ]),
  ...CUT.map((reason): [string, Outcome, string, string] => [
    `${reason} after the body left`,
    failed(reason, true),
    'ambiguous',
    reason,
  ]),
  ['half a token', failed('protocol', true, answered(200, '{"access_token":"ne')), 'ambiguous', 'protocol'],
  ['half a form', failed('protocol', true, answered(200, 'access_token=new-acc', FORM)), 'ambiguous', 'protocol'],
  ['a cut-off refusal', failed('timeout', true, answered(400, { error: 'invalid_grant' })), 'ambiguous', 'timeout'],
];

describe('An answer without a grant', () => {
  test.each(OTHERS)('is read right: %s', async (_what, outcome, kind, code) => {
    expect(await read(outcome)).toMatchObject({ kind, code, detail: expect.stringMatching(/^[A-Z].*[.”]$/s) });
  });

  test('is a refusal only for invalid_grant itself', async () => {
    const kinds = await Promise.all(OTHERS.map(async ([, outcome]) => read(outcome)));
    const refused = kinds.filter(({ kind }) => kind === 'refused');
    expect(refused).toHaveLength(5);
    expect(refused.every((reply) => 'code' in reply && reply.code === 'invalid_grant')).toBe(true);
  });
});

describe('A recorded answer', () => {
  test.each(RECORDED)('of $from is read right: $what', async ({ outcome, kind, code }) => {
    const reply = await read(outcome);
    expect({ kind: reply.kind, code: 'code' in reply ? reply.code : null }).toEqual({ kind, code });
  });

  test('is one of more than sixty, of every provider and class', async () => {
    expect(RECORDED.length).toBeGreaterThanOrEqual(60);
    const kinds = new Set((await Promise.all(RECORDED.map(({ outcome }) => read(outcome)))).map(({ kind }) => kind));
    expect(kinds.size).toBe(5);
    expect(new Set(RECORDED.map(({ from }) => from)).size).toBe(13);
  });

  test('takes no grant away but with invalid_grant', async () => {
    const others = RECORDED.filter(({ code }) => code !== 'invalid_grant');
    for (const { outcome } of others) expect((await read(outcome)).kind).not.toBe('refused');
  });
});

/** Retry-After · the server's own date · milliseconds. */
const WAITS: [string, string | null, number | null][] = [
  ['30', null, 30_000],
  ['0', null, 0],
  ['7200', null, 3_600_000],
  ['99999999999999999999', null, 3_600_000],
  ['Sun, 22 Nov 2026 09:01:02 GMT', null, 60_000],
  ['Sun, 22 Nov 2026 10:00:30 GMT', 'Sun, 22 Nov 2026 10:00:00 GMT', 30_000],
  ['Mon, 23 Nov 2026 09:00:00 GMT', null, 3_600_000],
  ['Sun, 22 Nov 2026 08:00:00 GMT', null, 0],
  ['soon', null, null],
  ['', null, null],
];

describe('A provider that asks us to stay away', () => {
  test.each(WAITS)('is heard: %s (its date: %s)', async (wish, date, retryAfterMs) => {
    const headers: HeaderPairs = [['Retry-After', wish], ...(date ? [['date', date] as const] : [])];
    expect(await read(answered(503, '', headers))).toMatchObject({ kind: 'transient', retryAfterMs });
  });

  test('is heard beside an OAuth error too', async () => {
    const outcome = answered(400, { error: 'temporarily_unavailable' }, [['retry-after', '9']]);
    expect(await read(outcome)).toMatchObject({ retryAfterMs: 9000 });
  });
});
