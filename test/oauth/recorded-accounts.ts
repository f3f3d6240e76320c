import { by, HTML, page, said, type RecordedAnswer } from './recorded-row.ts';

const entra = (error: string, number: number, words: string, more: object = {}) => ({
  error,
  error_description: `AADSTS${number}: ${words} Trace ID: 0f8fad5b-d9cb-469f-a165-70867728950e Timestamp: 2026-11-22 09:00:00Z`,
  error_codes: [number],
  timestamp: '2026-11-22 09:00:00Z',
  trace_id: '0f8fad5b-d9cb-469f-a165-70867728950e',
  correlation_id: '7c9e6679-7425-40de-944b-e07fc1f90ae7',
  ...more,
});

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

/** Answers in their documented shape, by provider. */
export const ACCOUNTS: readonly RecordedAnswer[] = [...GOOGLE, ...ENTRA, ...OKTA, ...AUTH0, ...KEYCLOAK];
