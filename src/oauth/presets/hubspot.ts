import type { Preset } from '../preset.ts';

/** HubSpot. */
export const HUBSPOT: Preset = {
  slug: 'hubspot',
  name: 'HubSpot',
  sources: [
    'https://developers.hubspot.com/docs/api-reference/2026-03/authentication/oauth-tokens/refresh-oauth-token',
    'https://developers.hubspot.com/docs/api-reference/legacy/authentication/oauth-tokens/v1/migration-guide',
  ],
  checked: {
    on: '2026-11-23',
    against: 'stored copies of its OAuth guide, migration guide and changelog, and Auth.js',
  },
  placeholders: [],
  baseUrl: 'https://api.hubapi.com',
  grantTypes: ['authorization_code'],
  settings: {
    tokenUrl: 'https://api.hubapi.com/oauth/2026-03/token',
    authorizationUrl: 'https://app.hubspot.com/oauth/authorize',
    clientAuthentication: 'client_secret_post',
    scope: 'oauth',
  },
  notes: [
    'The scopes have to be the ones that are set with the app.',
    'Access tokens live half an hour.',
    'The older address /oauth/v1/token ends on 16 February 2027.',
  ],
};
