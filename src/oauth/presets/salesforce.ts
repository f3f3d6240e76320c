import type { Preset } from '../preset.ts';

/** Salesforce. */
export const SALESFORCE: Preset = {
  slug: 'salesforce',
  name: 'Salesforce',
  sources: ['https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_endpoints.htm&type=5'],
  checked: {
    on: '2026-11-23',
    against:
      'stored copies of its list of endpoints and its pages on the web server and refresh flows, and the provider lists of Nango and Grant',
  },
  placeholders: [
    {
      name: 'domain',
      label: 'My Domain',
      example: 'acme',
      pattern: /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(--[a-z0-9]{1,40}\.sandbox)?$/,
      hint: 'What stands before .my.salesforce.com in the address of your organisation.',
    },
  ],
  baseUrl: 'https://{domain}.my.salesforce.com/services/data',
  grantTypes: ['authorization_code', 'client_credentials', 'urn:ietf:params:oauth:grant-type:jwt-bearer'],
  settings: {
    tokenUrl: 'https://{domain}.my.salesforce.com/services/oauth2/token',
    authorizationUrl: 'https://{domain}.my.salesforce.com/services/oauth2/authorize',
    revocationUrl: 'https://{domain}.my.salesforce.com/services/oauth2/revoke',
    introspectionUrl: 'https://{domain}.my.salesforce.com/services/oauth2/introspect',
    clientAuthentication: 'client_secret_post',
    scope: 'api refresh_token',
  },
  notes: [
    'A refresh token comes only with the scope refresh_token.',
    'Answers do not say how long a token lives: the session time-out of the organisation does.',
    'JWT bearer wants a user name as the claim sub and https://login.salesforce.com as aud.',
  ],
};
