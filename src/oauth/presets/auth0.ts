import { HOST_NAME, type Preset } from '../preset.ts';

/** Auth0. */
export const AUTH0: Preset = {
  slug: 'auth0',
  name: 'Auth0',
  sources: ['https://auth0.com/docs/api/authentication'],
  checked: {
    on: '2026-11-23',
    against: 'Auth0’s own Node SDK, published discovery documents, and the provider lists of Nango and Grant',
  },
  placeholders: [
    {
      name: 'domain',
      label: 'Domain',
      example: 'acme.eu.auth0.com',
      pattern: HOST_NAME,
      hint: 'The domain on the settings page of the application, without https://.',
    },
  ],
  baseUrl: 'https://{domain}/api/v2',
  grantTypes: ['authorization_code', 'client_credentials', 'urn:ietf:params:oauth:grant-type:device_code'],
  settings: {
    tokenUrl: 'https://{domain}/oauth/token',
    authorizationUrl: 'https://{domain}/authorize',
    revocationUrl: 'https://{domain}/oauth/revoke',
    deviceAuthorizationUrl: 'https://{domain}/oauth/device/code',
    issuer: 'https://{domain}/',
    clientAuthentication: 'client_secret_post',
    audience: 'https://{domain}/api/v2/',
    scope: 'offline_access',
  },
  notes: [
    'The audience is the identifier of the API that the token is for; the one filled in is Auth0’s own management API.',
    'A refresh token comes only with the scope offline_access.',
    'Where an old refresh token is taken for a while after rotation, write that time as the replay window.',
  ],
};
