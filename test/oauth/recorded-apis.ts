import { by, FORM, said, type RecordedAnswer } from './recorded-row.ts';

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

/** Answers in their documented shape, by provider. */
export const APIS: readonly RecordedAnswer[] = [
  ...GITHUB,
  ...SALESFORCE,
  ...SLACK,
  ...ATLASSIAN,
  ...XERO,
  ...HUBSPOT,
  ...STRIPE,
];
