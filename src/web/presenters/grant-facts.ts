import type { LifeOfGrant } from '../../services/grants/grant-life.ts';
import { agoText, moment, spanText } from './measures.ts';

/** A fact of a grant: its name and its text, with the moment it means and words it is a list of. */
export interface GrantFact {
  readonly name: string;
  readonly text: string;
  readonly at: string | null;
  readonly words: readonly string[];
}

const GRANT_TYPES: Readonly<Record<string, string>> = {
  authorization_code: 'A person’s consent in the browser',
  client_credentials: 'Client credentials',
  refresh_token: 'A refresh token that was pasted',
  'urn:ietf:params:oauth:grant-type:device_code': 'A person’s consent on another device',
  'urn:ietf:params:oauth:grant-type:jwt-bearer': 'An assertion of the client’s (JWT bearer)',
  'urn:ietf:params:oauth:grant-type:token-exchange': 'Another token (token exchange)',
  password: 'A user name and password',
};
const NEEDS_CONSENT = new Set(['authorization_code', 'urn:ietf:params:oauth:grant-type:device_code']);
const TOKEN_TYPES: Readonly<Record<string, string>> = {
  bearer: 'Bearer',
  dpop: 'DPoP, bound to a key of this connection',
};

/** What the grant holds: generation, times, refresh token and how it is sent. */
export function heldFacts({ facts, marginSeconds }: LifeOfGrant, now: Date): GrantFact[] {
  const { generation, obtainedAt, expiresAt, hasAccessToken, tokenType } = facts;
  return [
    fact('Generation', String(generation)),
    timed('Obtained', obtainedAt, now, 'never'),
    timed('Expires', hasAccessToken ? expiresAt : null, now, 'no access token is held'),
    fact(
      'Margin',
      expiresAt && hasAccessToken ? `${spanText(marginSeconds)} before that a new token is asked for` : 'none',
    ),
    refreshFact(facts, now),
    fact('Token type', hasAccessToken ? (TOKEN_TYPES[tokenType] ?? tokenType) : 'none'),
  ];
}

/** Where the grant comes from: how it was had, who consented, and what it is for. */
export function originFacts({ facts }: LifeOfGrant, now: Date): GrantFact[] {
  const { auth, consentedBy, consentedAt, scope, scopeAsked, hasAccessToken } = facts;
  if (auth.type !== 'oauth2') return [];
  const nobody = NEEDS_CONSENT.has(auth.grantType) ? 'nobody yet' : 'nobody had to';
  const by = consentedBy === null ? nobody : `${consentedBy}${consentedAt ? `, ${agoText(consentedAt, now)}` : ''}`;
  return [
    fact('Had by', GRANT_TYPES[auth.grantType] ?? auth.grantType),
    { ...fact('Consented by', by), at: consentedAt && moment(consentedAt).text },
    fact('Client id', auth.clientId),
    scopes('Scopes asked', hasAccessToken ? scopeAsked : auth.scope, 'left to the provider'),
    scopes('Scopes given', hasAccessToken ? scope : null, hasAccessToken ? 'not said' : 'none'),
  ];
}

/** What was asked for and not given, or given besides, in a sentence; null where there is no difference to tell. */
export function scopeDifference({ facts }: LifeOfGrant): string | null {
  const { scope, scopeAsked, hasAccessToken } = facts;
  if (!hasAccessToken || scope === null || scopeAsked === null) return null;
  const [asked, given] = [wordsOf(scopeAsked), wordsOf(scope)];
  const missing = asked.filter((word) => !given.includes(word));
  const besides = given.filter((word) => !asked.includes(word));
  if (missing.length === 0 && besides.length === 0) return null;
  const parts = [
    ...(missing.length > 0 ? [`not given: ${missing.join(', ')}`] : []),
    ...(besides.length > 0 ? [`given besides: ${besides.join(', ')}`] : []),
  ];
  return `The provider gave something else than was asked for; ${parts.join('; ')}.`;
}

function refreshFact({ hasRefreshToken, refreshExpiresAt }: LifeOfGrant['facts'], now: Date): GrantFact {
  if (!hasRefreshToken) return fact('Refresh token', 'none');
  if (!refreshExpiresAt) return fact('Refresh token', 'held; the provider does not say until when');
  return {
    ...timed('Refresh token', refreshExpiresAt, now, ''),
    text: `held; ends ${whenText(refreshExpiresAt, now)}`,
  };
}

function timed(name: string, date: Date | null, now: Date, none: string): GrantFact {
  return date ? { ...fact(name, whenText(date, now)), at: moment(date).text } : fact(name, none);
}

function scopes(name: string, scope: string | null, none: string): GrantFact {
  const words = scope === null ? [] : wordsOf(scope);
  return { ...fact(name, words.length > 0 ? '' : none), words };
}

/** A moment in words: `in 58 min`, `4 min ago`. */
export function whenText(date: Date, now: Date): string {
  const seconds = (date.getTime() - now.getTime()) / 1000;
  return seconds > 0 ? `in ${spanText(seconds)}` : agoText(date, now);
}

function wordsOf(scope: string): string[] {
  return scope.split(' ').filter((word) => word !== '');
}

function fact(name: string, text: string): GrantFact {
  return { name, text, at: null, words: [] };
}
