import type { Preset } from '../preset.ts';

/** Stripe Connect. */
export const STRIPE: Preset = {
  slug: 'stripe',
  name: 'Stripe Connect',
  sources: [
    'https://docs.stripe.com/connect/oauth-reference',
    'https://docs.stripe.com/connect/oauth-standard-accounts',
  ],
  checked: {
    on: '2026-11-23',
    against: 'a stored copy of its documentation, and the provider lists of Nango and Grant',
  },
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
    'No revocation address is set: disconnecting forgets the grant here only.',
    'Stripe recommends another way than OAuth for new Connect platforms.',
  ],
};
