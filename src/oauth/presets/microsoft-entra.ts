import type { Preset } from '../preset.ts';

/** Microsoft Entra. */
export const MICROSOFT_ENTRA: Preset = {
  slug: 'microsoft-entra',
  name: 'Microsoft Entra',
  sources: [
    'https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-device-code',
    'https://learn.microsoft.com/en-us/entra/identity-platform/certificate-credentials',
  ],
  checked: {
    on: '2026-11-23',
    against: 'the sources of its documentation, and the provider lists of Nango, Auth.js and Grant',
  },
  placeholders: [
    {
      name: 'tenant',
      label: 'Tenant id',
      example: '8eaef023-2b34-4da1-9baa-8bc8c9d6a490',
      pattern: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
      hint: 'The directory (tenant) id on the overview page of the app registration.',
    },
  ],
  baseUrl: 'https://graph.microsoft.com/v1.0',
  grantTypes: ['authorization_code', 'client_credentials', 'urn:ietf:params:oauth:grant-type:device_code'],
  settings: {
    tokenUrl: 'https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token',
    authorizationUrl: 'https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize',
    deviceAuthorizationUrl: 'https://login.microsoftonline.com/{tenant}/oauth2/v2.0/devicecode',
    issuer: 'https://login.microsoftonline.com/{tenant}/v2.0',
    clientAuthentication: 'client_secret_post',
    assertionAudience: 'token_endpoint',
    scope: 'offline_access https://graph.microsoft.com/User.Read',
  },
  notes: [
    'A refresh token comes only with the scope offline_access.',
    'Client credentials take one scope per API that ends in /.default, such as https://graph.microsoft.com/.default.',
    'No revocation address is set: disconnecting forgets the grant here only.',
  ],
};
