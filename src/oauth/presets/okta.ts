import { HOST_NAME, PATH_SEGMENT, type Preset } from '../preset.ts';

/** Okta. */
export const OKTA: Preset = {
  slug: 'okta',
  name: 'Okta',
  sources: [
    'https://developer.okta.com/docs/guides/refresh-tokens/main/',
    'https://developer.okta.com/docs/guides/device-authorization-grant/main/',
    'https://developer.okta.com/docs/guides/set-up-token-exchange/main/',
  ],
  checked: {
    on: '2026-11-23',
    against: 'the sources of its guides, a published discovery document, and Auth.js',
  },
  placeholders: [
    {
      name: 'domain',
      label: 'Domain',
      example: 'dev-123456.okta.com',
      pattern: HOST_NAME,
      hint: 'The host name of your organisation, without https://.',
    },
    {
      name: 'server',
      label: 'Authorisation server',
      example: 'default',
      pattern: PATH_SEGMENT,
      hint: 'Its id under Security, API; default is the one that comes with an organisation.',
    },
  ],
  baseUrl: 'https://{domain}/api/v1',
  grantTypes: [
    'authorization_code',
    'client_credentials',
    'urn:ietf:params:oauth:grant-type:device_code',
    'urn:ietf:params:oauth:grant-type:token-exchange',
  ],
  settings: {
    tokenUrl: 'https://{domain}/oauth2/{server}/v1/token',
    authorizationUrl: 'https://{domain}/oauth2/{server}/v1/authorize',
    revocationUrl: 'https://{domain}/oauth2/{server}/v1/revoke',
    introspectionUrl: 'https://{domain}/oauth2/{server}/v1/introspect',
    deviceAuthorizationUrl: 'https://{domain}/oauth2/{server}/v1/device/authorize',
    issuer: 'https://{domain}/oauth2/{server}',
    clientAuthentication: 'client_secret_basic',
    assertionAudience: 'token_endpoint',
    scope: 'openid offline_access',
  },
  notes: [
    'A refresh token comes only with the scope offline_access and where the app has that grant type.',
    'The base URL is Okta’s own API; put the address of yours there if that is what the tokens are for.',
    'Rotation has a grace period of up to 60 seconds, 30 unless the app says otherwise: write it as the replay window.',
  ],
};
