import type { Preset } from '../preset.ts';
import { ATLASSIAN } from './atlassian.ts';
import { AUTH0 } from './auth0.ts';
import { GITHUB } from './github.ts';
import { GOOGLE } from './google.ts';
import { HUBSPOT } from './hubspot.ts';
import { KEYCLOAK } from './keycloak.ts';
import { MICROSOFT_ENTRA } from './microsoft-entra.ts';
import { OKTA } from './okta.ts';
import { SALESFORCE } from './salesforce.ts';
import { SLACK } from './slack.ts';
import { STRIPE } from './stripe.ts';
import { XERO } from './xero.ts';

/** Every preset, by name. */
export const PRESETS: readonly Preset[] = [
  ATLASSIAN,
  AUTH0,
  GITHUB,
  GOOGLE,
  HUBSPOT,
  KEYCLOAK,
  MICROSOFT_ENTRA,
  OKTA,
  SALESFORCE,
  SLACK,
  STRIPE,
  XERO,
];
