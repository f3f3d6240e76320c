import type { Preset } from '../preset.ts';

/** Xero. */
export const XERO: Preset = {
  slug: 'xero',
  name: 'Xero',
  sources: [
    'https://developer.xero.com/faq/oauth2',
    'https://developer.xero.com/documentation/guides/oauth2/auth-flow',
  ],
  checked: {
    on: '2026-11-23',
    against: 'a stored copy of its questions and answers, its own Node SDK, and Nango’s provider list',
  },
  placeholders: [],
  baseUrl: 'https://api.xero.com/api.xro/2.0',
  grantTypes: ['authorization_code', 'client_credentials'],
  settings: {
    tokenUrl: 'https://identity.xero.com/connect/token',
    authorizationUrl: 'https://login.xero.com/identity/connect/authorize',
    revocationUrl: 'https://identity.xero.com/connect/revocation',
    issuer: 'https://identity.xero.com',
    clientAuthentication: 'client_secret_basic',
    scope: 'offline_access openid',
    replaySeconds: 1800,
  },
  notes: [
    'A refresh token comes only with the scope offline_access, and rotates; the old one is taken for 30 minutes more.',
    'Add the accounting scopes that the app has; a refresh token that is not used for 60 days ends.',
    'Calls name the organisation in the header Xero-Tenant-Id; GET https://api.xero.com/connections tells it.',
  ],
};
