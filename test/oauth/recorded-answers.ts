import type { Outcome } from '../../src/kernel/exchange.ts';
import type { HeaderPairs } from '../../src/kernel/headers.ts';
import type { TokenReply } from '../../src/kernel/token-reply.ts';
import { answered } from './answers.ts';

/** A token endpoint's answer as its provider documents it, and what it is to be taken for. */
export interface RecordedAnswer {
  readonly from: string;
  readonly what: string;
  readonly outcome: Outcome;
  readonly kind: TokenReply['kind'];
  /** Null for a grant. */
  readonly code: string | null;
}

const HTML: HeaderPairs = [['content-type', 'text/html; charset=UTF-8']];
const FORM: HeaderPairs = [['content-type', 'application/x-www-form-urlencoded; charset=utf-8']];
const TEXT: HeaderPairs = [['content-type', 'text/plain']];

type Row = readonly [
  what: string,
  status: number,
  body: unknown,
  kind: TokenReply['kind'],
  code: string | null,
  headers?: HeaderPairs,
];

function by(from: string, rows: readonly Row[]): RecordedAnswer[] {
  return rows.map(([what, status, body, kind, code, headers = []]) => ({
    from,
    what,
    outcome: answered(status, body, headers),
    kind,
    code,
  }));
}

const said = (error: string, error_description: string, more: object = {}) => ({ error, error_description, ...more });
const page = (title: string) =>
  `<html>\r\n<head><title>${title}</title></head>\r\n<body><h1>${title}</h1></body></html>`;

/** Entra adds these to each of its errors. */
const entra = (error: string, number: number, words: string, more: object = {}) => ({
  error,
  error_description: `AADSTS${number}: ${words} Trace ID: 0f8fad5b-d9cb-469f-a165-70867728950e Timestamp: 2026-11-22 09:00:00Z`,
  error_codes: [number],
  timestamp: '2026-11-22 09:00:00Z',
  trace_id: '0f8fad5b-d9cb-469f-a165-70867728950e',
  correlation_id: '7c9e6679-7425-40de-944b-e07fc1f90ae7',
  ...more,
});

const GITHUB = by('GitHub', [
  [
    'a form with tokens',
    200,
    'access_token=ghu_16C7e42F292c69&expires_in=28800&refresh_token=ghr_1B4a2e77838347&refresh_token_expires_in=15811200&scope=&token_type=bearer',
    'granted',
    null,
    FORM,
  ],
  [
    'a spent refresh token, as a form inside a 200',
    200,
    'error=bad_refresh_token&error_description=The+refresh+token+passed+is+incorrect+or+expired.',
    'ambiguous',
    'bad_refresh_token',
    FORM,
  ],
  [
    'a wrong secret inside a 200, with a code as long as a token',
    200,
    said('incorrect_client_credentials', 'The client_id and/or client_secret passed are incorrect.'),
    'ambiguous',
    'no-token',
  ],
  ['no such application', 404, { error: 'Not Found' }, 'transient', 'http-404'],
  [
    'a grant type that the app may not use',
    200,
    said('unsupported_grant_type', 'The grant type is not supported.'),
    'misconfigured',
    'unsupported_grant_type',
  ],
]);

const GOOGLE = by('Google', [
  [
    'a refresh without a new refresh token',
    200,
    { access_token: 'ya29.a0AfH6SMB', expires_in: 3599, scope: 'openid', token_type: 'Bearer' },
    'granted',
    null,
  ],
  ['a revoked token', 400, said('invalid_grant', 'Token has been expired or revoked.'), 'refused', 'invalid_grant'],
  [
    'a session that wants signing in again',
    400,
    said('invalid_grant', 'reauth related error (invalid_rapt)', { error_subtype: 'invalid_rapt' }),
    'refused',
    'invalid_grant',
  ],
  ['no such client', 401, said('invalid_client', 'The OAuth client was not found.'), 'misconfigured', 'invalid_client'],
  [
    'a client that was deleted',
    401,
    said('deleted_client', 'The OAuth client was deleted.'),
    'transient',
    'deleted_client',
  ],
  [
    'a policy of the administrator',
    400,
    said('admin_policy_enforced', 'Access blocked.'),
    'transient',
    'admin_policy_enforced',
  ],
  [
    'an API’s own form of error',
    403,
    { error: { code: 403, status: 'PERMISSION_DENIED', message: 'no' } },
    'transient',
    'http-403',
  ],
  ['a fault of its own', 500, { error: 'internal_failure' }, 'transient', 'http-500'],
  ['its front page for faults', 502, page('Error 502 (Server Error)!!1'), 'ambiguous', 'http-502', HTML],
]);

const ENTRA = by('Microsoft Entra', [
  [
    'a refresh token that ended',
    400,
    entra('invalid_grant', 700082, 'The refresh token has expired due to inactivity.'),
    'refused',
    'invalid_grant',
  ],
  [
    'a password that was changed',
    400,
    entra('invalid_grant', 50173, 'The provided grant has expired due to it being revoked.', { suberror: 'bad_token' }),
    'refused',
    'invalid_grant',
  ],
  [
    'a consent that is missing',
    400,
    entra('invalid_grant', 65001, 'The user has not consented.', { suberror: 'consent_required' }),
    'refused',
    'invalid_grant',
  ],
  [
    'a second factor that is asked for',
    400,
    entra('interaction_required', 50076, 'You must use multi-factor authentication.'),
    'misconfigured',
    'interaction_required',
  ],
  [
    'a sign-in that is asked for',
    400,
    entra('login_required', 50058, 'The user must sign in.'),
    'misconfigured',
    'login_required',
  ],
  [
    'a wrong secret',
    401,
    entra('invalid_client', 7000215, 'Invalid client secret provided.'),
    'misconfigured',
    'invalid_client',
  ],
  [
    'a secret that ended',
    401,
    entra('invalid_client', 7000222, 'The provided client secret keys are expired.'),
    'misconfigured',
    'invalid_client',
  ],
  [
    'no such application',
    400,
    entra('unauthorized_client', 700016, 'Application was not found in the directory.'),
    'misconfigured',
    'unauthorized_client',
  ],
  ['no such tenant', 400, entra('invalid_request', 90002, 'Tenant not found.'), 'misconfigured', 'invalid_request'],
  [
    'a scope it does not know',
    400,
    entra('invalid_scope', 70011, 'The provided value for scope is not valid.'),
    'misconfigured',
    'invalid_scope',
  ],
  [
    'a resource that is not the scope’s',
    400,
    entra('invalid_target', 9010010, 'The resource does not match the scopes.'),
    'misconfigured',
    'invalid_target',
  ],
  [
    'a passing fault',
    503,
    entra('temporarily_unavailable', 90033, 'A transient error has occurred.'),
    'transient',
    'http-503',
  ],
  [
    'a passing fault with 400',
    400,
    entra('temporarily_unavailable', 90033, 'A transient error has occurred.'),
    'transient',
    'temporarily_unavailable',
  ],
]);

const OKTA = by('Okta', [
  [
    'a spent refresh token',
    400,
    said('invalid_grant', 'The refresh token is invalid or expired.'),
    'refused',
    'invalid_grant',
  ],
  [
    'a wrong secret',
    401,
    said('invalid_client', 'The client secret supplied for a confidential client is invalid.'),
    'misconfigured',
    'invalid_client',
  ],
  [
    'no such client, in the words of its API',
    401,
    { errorCode: 'invalid_client', errorSummary: "Invalid value for 'client_id' parameter.", errorCauses: [] },
    'transient',
    'http-401',
  ],
  [
    'a nonce that is wanted',
    400,
    said('use_dpop_nonce', 'Authorization server requires nonce in DPoP proof.'),
    'transient',
    'use_dpop_nonce',
  ],
  [
    'a proof that is wrong',
    400,
    said('invalid_dpop_proof', 'The DPoP proof JWT header is invalid.'),
    'misconfigured',
    'invalid_dpop_proof',
  ],
  [
    'too many calls',
    429,
    { errorCode: 'E0000047', errorSummary: 'API call exceeded rate limit due to too many requests.' },
    'transient',
    'http-429',
    [['x-rate-limit-reset', '1795338060']],
  ],
]);

const AUTH0 = by('Auth0', [
  [
    'a spent refresh token, with 403',
    403,
    said('invalid_grant', 'Unknown or invalid refresh token.'),
    'refused',
    'invalid_grant',
  ],
  ['a rule that says no', 401, said('access_denied', 'Unauthorized'), 'transient', 'access_denied'],
  [
    'a grant type that is off',
    403,
    said('unauthorized_client', "Grant type 'client_credentials' not allowed."),
    'misconfigured',
    'unauthorized_client',
  ],
  [
    'a second factor',
    403,
    said('mfa_required', 'Multifactor authentication required', { mfa_token: 'Fe26.2' }),
    'transient',
    'mfa_required',
  ],
  ['too many calls', 429, said('too_many_requests', 'Global limit has been reached'), 'transient', 'http-429'],
]);

const SALESFORCE = by('Salesforce', [
  [
    'tokens without a lifetime',
    200,
    {
      access_token: '00Dx0000000BV7z!AR8AQP0jITN80ESEsj5EbaZTFG0',
      token_type: 'Bearer',
      id: 'https://login.salesforce.com/id/x',
    },
    'granted',
    null,
  ],
  ['a spent token', 400, said('invalid_grant', 'expired access/refresh token'), 'refused', 'invalid_grant'],
  [
    'an assertion it does not take',
    400,
    said('invalid_grant', "user hasn't approved this consumer"),
    'refused',
    'invalid_grant',
  ],
  ['no such client', 400, said('invalid_client_id', 'client identifier invalid'), 'transient', 'invalid_client_id'],
  ['a person who is gone', 400, said('inactive_user', 'user is inactive'), 'transient', 'inactive_user'],
]);

const SLACK = by('Slack', [
  [
    'tokens of a type of its own',
    200,
    { ok: true, access_token: 'xoxe.xoxb-1-a', expires_in: 43200, refresh_token: 'xoxe-1-b', token_type: 'bot' },
    'granted',
    null,
  ],
  [
    'a spent refresh token inside a 200',
    200,
    { ok: false, error: 'invalid_refresh_token' },
    'ambiguous',
    'invalid_refresh_token',
  ],
  ['a wrong secret inside a 200', 200, { ok: false, error: 'bad_client_secret' }, 'ambiguous', 'bad_client_secret'],
  ['a fault of its own inside a 200', 200, { ok: false, error: 'internal_error' }, 'ambiguous', 'internal_error'],
  ['a no without a reason', 200, { ok: false }, 'ambiguous', 'no-token'],
  ['too many calls', 429, { ok: false, error: 'ratelimited' }, 'transient', 'http-429', [['retry-after', '30']]],
]);

const ATLASSIAN = by('Atlassian', [
  [
    'a spent refresh token',
    403,
    said('invalid_grant', 'Unknown or invalid refresh token.'),
    'refused',
    'invalid_grant',
  ],
  [
    'a spent refresh token, in older words',
    403,
    said('unauthorized_client', 'refresh_token is invalid'),
    'misconfigured',
    'unauthorized_client',
  ],
  ['a wrong secret', 401, said('access_denied', 'Unauthorized'), 'transient', 'access_denied'],
]);

const XERO = by('Xero', [
  ['a spent refresh token, and no words', 400, { error: 'invalid_grant' }, 'refused', 'invalid_grant'],
  ['a client that may not', 400, { error: 'unauthorized_client' }, 'misconfigured', 'unauthorized_client'],
  ['too many calls', 429, '', 'transient', 'http-429', [['retry-after', '23']]],
]);

const HUBSPOT = by('HubSpot', [
  [
    'a refresh token it does not know',
    400,
    {
      status: 'BAD_REFRESH_TOKEN',
      message: 'missing or invalid refresh token',
      correlationId: 'aeb5f871-7f07-4993-9211-075dc63e7cbf',
    },
    'transient',
    'http-400',
  ],
  [
    'a wrong client',
    400,
    { status: 'BAD_CLIENT_ID', message: 'missing or unknown client id' },
    'transient',
    'http-400',
  ],
  [
    'a spent code',
    400,
    said('invalid_grant', 'missing or unknown auth code', { status: 'BAD_AUTH_CODE' }),
    'refused',
    'invalid_grant',
  ],
  [
    'too many calls',
    429,
    { status: 'error', errorType: 'RATE_LIMIT', policyName: 'SECONDLY' },
    'transient',
    'http-429',
  ],
]);

const STRIPE = by('Stripe', [
  ['no such refresh token', 400, said('invalid_grant', 'Refresh token does not exist'), 'refused', 'invalid_grant'],
  ['a wrong key', 401, said('invalid_client', 'No such API key'), 'misconfigured', 'invalid_client'],
  [
    'an API’s own form of error',
    400,
    { error: { type: 'invalid_request_error', message: 'no' } },
    'transient',
    'http-400',
  ],
]);

const KEYCLOAK = by('Keycloak', [
  [
    'tokens with the end of the refresh token',
    200,
    {
      access_token: 'at',
      expires_in: 300,
      refresh_expires_in: 1800,
      refresh_token: 'rt',
      token_type: 'Bearer',
      'not-before-policy': 0,
    },
    'granted',
    null,
  ],
  ['a session that ended', 400, said('invalid_grant', 'Session not active'), 'refused', 'invalid_grant'],
  [
    'a token that came twice',
    400,
    said('invalid_grant', 'Maximum allowed refresh token reuse exceeded'),
    'refused',
    'invalid_grant',
  ],
  [
    'a wrong secret',
    401,
    said('unauthorized_client', 'Invalid client or Invalid client credentials'),
    'misconfigured',
    'unauthorized_client',
  ],
  ['no such realm', 404, { error: 'Realm does not exist' }, 'transient', 'http-404'],
  ['a start that is under way', 503, page('503 Service Unavailable'), 'transient', 'http-503', HTML],
]);

const BETWEEN = by('What stands in between', [
  ['a page of nginx', 502, page('502 Bad Gateway'), 'ambiguous', 'http-502', HTML],
  ['a page of nginx that waited', 504, page('504 Gateway Time-out'), 'ambiguous', 'http-504', HTML],
  ['nginx that finds the body too large', 413, page('413 Request Entity Too Large'), 'transient', 'http-413', HTML],
  ['Cloudflare: an origin that is unknown', 520, 'error code: 520', 'ambiguous', 'http-520', TEXT],
  ['Cloudflare: an origin that waited', 524, page('A timeout occurred'), 'ambiguous', 'http-524', HTML],
  [
    'Cloudflare: a challenge for browsers',
    403,
    page('Just a moment...'),
    'transient',
    'http-403',
    [...HTML, ['cf-mitigated', 'challenge']],
  ],
  ['Cloudflare: too many calls', 429, 'error code: 1015', 'transient', 'http-429', [...TEXT, ['retry-after', '60']]],
  [
    'AWS ALB: nobody behind it',
    503,
    page('503 Service Temporarily Unavailable'),
    'transient',
    'http-503',
    [...HTML, ['server', 'awselb/2.0']],
  ],
  [
    'AWS ALB: the one behind hung up',
    502,
    page('502 Bad Gateway'),
    'ambiguous',
    'http-502',
    [...HTML, ['server', 'awselb/2.0']],
  ],
  ['AWS API Gateway: it waited', 504, { message: 'Endpoint request timed out' }, 'ambiguous', 'http-504'],
  ['AWS API Gateway: not for us', 403, { message: 'Forbidden' }, 'transient', 'http-403'],
  ['AWS WAF', 405, page('Human Verification'), 'transient', 'http-405', [...HTML, ['x-amzn-waf-action', 'captcha']]],
  ['a sign-in page', 200, '<!doctype html><form action="/login"></form>', 'ambiguous', 'unreadable', HTML],
  [
    'a redirect to a sign-in page',
    302,
    '',
    'misconfigured',
    'redirect',
    [['location', 'https://sso.partner.example/']],
  ],
  [
    'a server that is being mended',
    503,
    '',
    'transient',
    'http-503',
    [['retry-after', 'Sun, 22 Nov 2026 10:00:00 GMT']],
  ],
]);

/** Answers in their documented shape, by provider. */
export const RECORDED: readonly RecordedAnswer[] = [
  ...GITHUB,
  ...GOOGLE,
  ...ENTRA,
  ...OKTA,
  ...AUTH0,
  ...SALESFORCE,
  ...SLACK,
  ...ATLASSIAN,
  ...XERO,
  ...HUBSPOT,
  ...STRIPE,
  ...KEYCLOAK,
  ...BETWEEN,
];
