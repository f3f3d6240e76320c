import { PATH_SEGMENT, type Preset } from '../preset.ts';

/** Keycloak. */
export const KEYCLOAK: Preset = {
  slug: 'keycloak',
  name: 'Keycloak',
  sources: [
    'https://www.keycloak.org/securing-apps/oidc-layers',
    'https://www.keycloak.org/securing-apps/token-exchange',
  ],
  checked: {
    on: '2026-11-23',
    against: 'the sources of its documentation, and the provider lists of Auth.js and Grant',
  },
  placeholders: [
    {
      name: 'host',
      label: 'Host',
      example: 'id.partner.example',
      pattern: /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}(:\d{1,5})?$/,
      hint: 'Where the server is, without https://; with a port where it has one of its own.',
    },
    {
      name: 'realm',
      label: 'Realm',
      example: 'partner',
      pattern: PATH_SEGMENT,
      hint: 'The realm that the client belongs to.',
    },
  ],
  baseUrl: 'https://{host}/admin/realms/{realm}',
  grantTypes: [
    'authorization_code',
    'client_credentials',
    'urn:ietf:params:oauth:grant-type:device_code',
    'urn:ietf:params:oauth:grant-type:token-exchange',
  ],
  settings: {
    tokenUrl: 'https://{host}/realms/{realm}/protocol/openid-connect/token',
    authorizationUrl: 'https://{host}/realms/{realm}/protocol/openid-connect/auth',
    revocationUrl: 'https://{host}/realms/{realm}/protocol/openid-connect/revoke',
    introspectionUrl: 'https://{host}/realms/{realm}/protocol/openid-connect/token/introspect',
    deviceAuthorizationUrl: 'https://{host}/realms/{realm}/protocol/openid-connect/auth/device',
    issuer: 'https://{host}/realms/{realm}',
    clientAuthentication: 'client_secret_basic',
    scope: 'openid',
  },
  notes: [
    'The base URL is Keycloak’s own API; put the address of yours there if that is what the tokens are for.',
    'A server under a path of its own, such as /auth, has it before /realms in every address.',
  ],
};
