import type { Preset } from '../preset.ts';

// Source: https://developers.google.com/identity/protocols/oauth2/web-server (2026-11-22)
// Source: https://developers.google.com/identity/protocols/oauth2/service-account (2026-11-22)

/** Google, as its documentation describes it. */
export const GOOGLE: Preset = {
  slug: 'google',
  name: 'Google',
  sources: [
    'https://developers.google.com/identity/protocols/oauth2/web-server',
    'https://developers.google.com/identity/protocols/oauth2/service-account',
  ],
  readOn: '2026-11-22',
  placeholders: [],
  baseUrl: 'https://www.googleapis.com',
  grantTypes: [
    'authorization_code',
    'urn:ietf:params:oauth:grant-type:device_code',
    'urn:ietf:params:oauth:grant-type:jwt-bearer',
  ],
  settings: {
    tokenUrl: 'https://oauth2.googleapis.com/token',
    authorizationUrl: 'https://accounts.google.com/o/oauth2/v2/auth',
    revocationUrl: 'https://oauth2.googleapis.com/revoke',
    deviceAuthorizationUrl: 'https://oauth2.googleapis.com/device/code',
    issuer: 'https://accounts.google.com',
    clientAuthentication: 'client_secret_post',
    scope: 'openid email',
    parameters: [
      { phase: 'authorize', in: 'query', name: 'access_type', value: 'offline' },
      { phase: 'authorize', in: 'query', name: 'prompt', value: 'consent' },
    ],
  },
  notes: [
    'A refresh token comes only with access_type=offline, and again only with prompt=consent: both are set.',
    'While the consent screen is in testing, refresh tokens end after seven days.',
    'A service account takes the grant type JWT bearer, with its key and the claim scope.',
  ],
};
