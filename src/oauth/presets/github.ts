import type { Preset } from '../preset.ts';

/** GitHub. */
export const GITHUB: Preset = {
  slug: 'github',
  name: 'GitHub',
  sources: ['https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps'],
  checked: {
    on: '2026-11-23',
    against: 'the sources of its documentation, and the provider lists of Nango, Auth.js and Grant',
  },
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
    'An OAuth app’s answer has no refresh token in it; a GitHub App’s has one where expiry is switched on.',
    'A device’s code has to be switched on in the settings of the app.',
    'Errors that come with status 200 are recognised.',
  ],
};
