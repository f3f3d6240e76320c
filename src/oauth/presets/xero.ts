import type { Preset } from '../preset.ts';

// Source: https://developer.xero.com/documentation/guides/oauth2/auth-flow (2026-11-22)
// Source: https://developer.xero.com/faq/oauth2/oauth-refresh-fail (2026-11-22)

/** Xero, as its documentation describes it. */
export const XERO: Preset = {
  slug: 'xero',
  name: 'Xero',
  sources: [
    'https://developer.xero.com/documentation/guides/oauth2/auth-flow',
    'https://developer.xero.com/faq/oauth2/oauth-refresh-fail',
  ],
  readOn: '2026-11-22',
  placeholders: [],
  baseUrl: 'https://api.xero.com/api.xro/2.0',
  grantTypes: ['authorization_code', 'client_credentials'],
  settings: {
    tokenUrl: 'https://identity.xero.com/connect/token',
    authorizationUrl: 'https://login.xero.com/identity/connect/authorize',
    revocationUrl: 'https://identity.xero.com/connect/revocation',
    issuer: 'https://identity.xero.com',
    clientAuthentication: 'client_secret_basic',
    scope: 'offline_access accounting.transactions',
    replaySeconds: 1800,
  },
  notes: [
    'A refresh token comes only with the scope offline_access, and rotates; the old one is taken for 30 minutes more.',
    'Calls name the organisation in the header Xero-Tenant-Id; GET https://api.xero.com/connections tells it.',
  ],
};
