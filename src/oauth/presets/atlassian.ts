import type { Preset } from '../preset.ts';

/** Atlassian. */
export const ATLASSIAN: Preset = {
  slug: 'atlassian',
  name: 'Atlassian',
  sources: [
    'https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/',
    'https://community.developer.atlassian.com/t/the-old-access-token-will-be-revoked-during-the-refresh-token-exchange/83103',
  ],
  checked: {
    on: '2026-11-23',
    against:
      'a stored copy of its documentation and its developers’ announcements, and the provider lists of Nango, Auth.js and Grant',
  },
  placeholders: [],
  baseUrl: 'https://api.atlassian.com',
  grantTypes: ['authorization_code'],
  settings: {
    tokenUrl: 'https://auth.atlassian.com/oauth/token',
    authorizationUrl: 'https://auth.atlassian.com/authorize',
    clientAuthentication: 'client_secret_post',
    scope: 'read:jira-work offline_access',
    parameters: [
      { phase: 'authorize', in: 'query', name: 'audience', value: 'api.atlassian.com' },
      { phase: 'authorize', in: 'query', name: 'prompt', value: 'consent' },
    ],
    quirks: { jsonBody: true, secretInQuery: false, tokenPath: null, expiresInMs: false },
    replaySeconds: 600,
  },
  notes: [
    'A refresh token comes only with the scope offline_access, and rotates.',
    'Calls go to /ex/jira/CLOUD-ID/…; GET /oauth/token/accessible-resources tells the cloud id.',
  ],
};
