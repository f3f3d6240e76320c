import type { Preset } from '../preset.ts';

// Source: https://docs.stripe.com/connect/oauth-reference (2026-11-22)
// Source: https://docs.stripe.com/connect/oauth-standard-accounts (2026-11-22)

/** Stripe Connect, as its documentation describes it. */
export const STRIPE: Preset = {
  slug: 'stripe',
  name: 'Stripe Connect',
  sources: [
    'https://docs.stripe.com/connect/oauth-reference',
    'https://docs.stripe.com/connect/oauth-standard-accounts',
  ],
  readOn: '2026-11-22',
  placeholders: [],
  baseUrl: 'https://api.stripe.com',
  grantTypes: ['authorization_code'],
  settings: {
    tokenUrl: 'https://connect.stripe.com/oauth/token',
    authorizationUrl: 'https://connect.stripe.com/oauth/authorize',
    clientAuthentication: 'client_secret_post',
    scope: 'read_write',
  },
  notes: [
    'The client secret is the platform’s secret API key.',
    'Stripe’s way to disconnect an account is no token revocation: do it in its dashboard.',
    'Tokens do not expire.',
  ],
};
