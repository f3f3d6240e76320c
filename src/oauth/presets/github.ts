import type { Preset } from '../preset.ts';

// Source: https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps (2026-11-22)
// Source: https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/refreshing-user-access-tokens (2026-11-22)

/** GitHub, as its documentation describes it. */
export const GITHUB: Preset = {
  slug: 'github',
  name: 'GitHub',
  sources: [
    'https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps',
    'https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/refreshing-user-access-tokens',
  ],
  readOn: '2026-11-22',
  placeholders: [],
  baseUrl: 'https://api.github.com',
  grantTypes: ['authorization_code', 'urn:ietf:params:oauth:grant-type:device_code'],
  settings: {
    tokenUrl: 'https://github.com/login/oauth/access_token',
    authorizationUrl: 'https://github.com/login/oauth/authorize',
    deviceAuthorizationUrl: 'https://github.com/login/device/code',
    clientAuthentication: 'client_secret_post',
    scope: 'read:user',
  },
  notes: [
    'An OAuth app’s tokens do not expire and come without a refresh token; a GitHub App’s expire after eight hours where that is switched on.',
    'A GitHub App takes no scope: empty the field.',
    'Errors come with status 200; they are recognised.',
  ],
};
