import type { Preset } from '../preset.ts';

/** Slack. */
export const SLACK: Preset = {
  slug: 'slack',
  name: 'Slack',
  sources: [
    'https://docs.slack.dev/authentication/installing-with-oauth',
    'https://docs.slack.dev/reference/methods/oauth.v2.access',
    'https://docs.slack.dev/authentication/using-token-rotation',
  ],
  checked: {
    on: '2026-11-23',
    against: 'a stored copy of its documentation, and Nango’s provider list',
  },
  placeholders: [],
  baseUrl: 'https://slack.com/api',
  grantTypes: ['authorization_code'],
  settings: {
    tokenUrl: 'https://slack.com/api/oauth.v2.access',
    authorizationUrl: 'https://slack.com/oauth/v2/authorize',
    clientAuthentication: 'client_secret_basic',
  },
  notes: [
    'Write the scopes of the bot as they stand with the app, with commas between them.',
    'With token rotation a token lives twelve hours; without it, it does not expire.',
    'For a person’s token ask by the parameter user_scope, and write authed_user as the path of the token.',
    'Errors that come with status 200 are recognised.',
  ],
};
