import type { Preset } from '../preset.ts';

/** Google. */
export const GOOGLE: Preset = {
  slug: 'google',
  name: 'Google',
  sources: [
    'https://developers.google.com/identity/protocols/oauth2/web-server',
    'https://developers.google.com/identity/protocols/oauth2/service-account',
  ],
  checked: {
    on: '2026-11-23',
    against: 'copies of its discovery document, and the provider lists of Nango, Auth.js and Grant',
  },
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
    'A refresh token is asked for by access_type=offline, with a consent each time by prompt=consent: both are set.',
    'A service account takes the grant type JWT bearer: its key, the claim scope, and https://oauth2.googleapis.com/token as aud.',
  ],
};
