import type { Preset } from '../preset.ts';

// Source: https://developers.hubspot.com/docs/api-reference/2026-03/authentication/oauth-tokens/refresh-oauth-token (2026-11-22)
// Source: https://developers.hubspot.com/docs/api-reference/legacy/authentication/oauth-tokens/v1/migration-guide (2026-11-22)

/** HubSpot, as its documentation describes it. */
export const HUBSPOT: Preset = {
  slug: 'hubspot',
  name: 'HubSpot',
  sources: [
    'https://developers.hubspot.com/docs/api-reference/2026-03/authentication/oauth-tokens/refresh-oauth-token',
    'https://developers.hubspot.com/docs/api-reference/legacy/authentication/oauth-tokens/v1/migration-guide',
  ],
  readOn: '2026-11-22',
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
