import { USUAL_OAUTH2 } from '../../../src/kernel/auth.ts';
import type { GrantTelling, ToldGrantState } from '../../../src/kernel/grant-telling.ts';
import { Connection } from '../../../src/model/connection.ts';
import { Exchange } from '../../../src/model/exchange.ts';
import { Pin } from '../../../src/model/pin.ts';
import { SignIn } from '../../../src/model/sign-in.ts';
import type { DeviceState } from '../../../src/model/device-attempt.ts';
import type { DeviceTelling } from '../../../src/services/connections/device-telling.ts';
import type { ToldApiKey } from '../../../src/services/keys/api-keys.ts';
import { type ExchangeFilters, FILTER_NAMES } from '../../../src/web/presenters/exchange-list.ts';

/** The moment every sample is seen at. */
export const NOW = new Date('2026-11-22T09:14:32.000Z');

/** Stands in every column that no page may show. */
export const PLANTED = 'planted-secret-4711';

/** The history without any filter. */
export const NO_FILTERS = Object.fromEntries(FILTER_NAMES.map((name) => [name, ''])) as ExchangeFilters;

const ID = '0193506e-7a2c-7d1e-9f3b-4c5d6e7f8a9b';
const WORKSPACE = '0193506e-0000-7000-8000-000000000001';
const SHA = 'c0535e4be2b79ffd93291305436bf889314e4a3faec05ecffcbb7df31ad9e51a';
const TIMINGS = { wait: 0.2, dns: 4, connect: 11, tls: 24, send: 0.3, firstByte: 131, receive: 7, total: 178 };

/** A connection as the database gives it, secrets and all. */
export function sampleConnection(changes: Partial<Connection> = {}): Connection {
  return Object.assign(new Connection(), {
    id: ID,
    workspaceId: WORKSPACE,
    slug: 'partner',
    name: 'Partner',
    baseUrl: 'https://api.partner.example/v1',
    origins: [],
    headers: [['accept', 'application/json']],
    timeoutMs: 30_000,
    width: 8,
    resendUnsafeOn401: true,
    keepAlive: false,
    maskNames: [],
    unmaskNames: [],
    certificateAuthorities: null,
    auth: {
      ...USUAL_OAUTH2,
      type: 'oauth2',
      grantType: 'authorization_code',
      tokenUrl: 'https://id.partner.example/token',
      authorizationUrl: 'https://id.partner.example/authorize',
      revocationUrl: null,
      issuer: null,
      clientId: 'abc',
      clientAuthentication: 'client_secret_basic',
      scope: 'orders',
      marginSeconds: null,
      replaySeconds: 20,
    },
    sealedSecrets: PLANTED,
    somethingNew: PLANTED,
    createdAt: NOW,
    updatedAt: NOW,
    lastCallAt: null,
    ...changes,
  });
}

/** A settled exchange with every optional part there. */
export function sampleExchange(changes: Partial<Exchange> = {}): Exchange {
  const url = 'https://api.partner.example/v1/orders?limit=2';
  return Object.assign(new Exchange(), {
    id: ID,
    workspaceId: PLANTED,
    kind: 'call',
    connectionId: ID,
    connectionSlug: 'partner',
    connectionName: 'Partner',
    generation: 7,
    method: 'POST',
    url,
    requestHeaders: [['content-type', 'application/json'] as const, ['authorization', '*redacted*'] as const],
    requestBody: { bytes: 2, sha256: SHA, truncated: false },
    requestBodyId: PLANTED,
    outcome: 'answered',
    reason: null,
    detail: null,
    status: 200,
    responseHeaders: [['content-type', 'application/json'] as const],
    responseBody: { bytes: 2, sha256: SHA, truncated: false, wireBytes: 22, wireSha256: SHA },
    responseBodyId: PLANTED,
    timings: TIMINGS,
    hops: [1, 2].map((attempt) => ({
      attempt,
      method: 'POST',
      url,
      status: attempt === 1 ? 401 : 200,
      reusedConnection: attempt === 2,
      timings: TIMINGS,
    })),
    attempts: 2,
    sentBy: 'owner@example.org',
    instanceId: PLANTED,
    startedAt: NOW,
    finishedAt: NOW,
    somethingNew: PLANTED,
    ...changes,
  });
}

/** A pin with that note, and a column more. */
export function samplePin(note: string): Pin {
  const columns = { exchangeId: ID, workspaceId: PLANTED, note, pinnedBy: 'owner@example.org', pinnedAt: NOW };
  return Object.assign(new Pin(), columns, { somethingNew: PLANTED });
}

/** What the service tells of an API key, and a column more. */
export function sampleApiKey(changes: Partial<ToldApiKey> = {}): ToldApiKey {
  const told = {
    id: ID,
    name: 'Nightly import',
    role: 'editor',
    ending: 'a1B2',
    createdBy: 'owner@example.org',
    createdAt: NOW,
    lastUsedAt: NOW,
    expiresAt: NOW,
    revokedAt: null,
    state: 'usable',
    keyHash: PLANTED,
  } as const;
  return { ...told, ...changes };
}

/** A sign-in of this browser. */
export function sampleSignIn(): SignIn {
  return Object.assign(new SignIn(), {
    id: ID,
    userId: PLANTED,
    workspaceId: PLANTED,
    tokenHash: PLANTED,
    address: '127.0.0.1',
    userAgent: 'curl/8.0',
    createdAt: NOW,
    lastSeenAt: NOW,
    expiresAt: NOW,
  });
}

/** What the keeper tells of a grant in the given state; a timed one has 40 of its 60 seconds left. */
export function sampleTelling(state: ToldGrantState, changes: Partial<GrantTelling> = {}): GrantTelling {
  const isTimed = ['fresh', 'due', 'refreshing', 'ambiguous'].includes(state);
  const telling = {
    connection: 'partner',
    client: { tokenUrl: 'https://id.partner.example/token', clientId: 'abc' },
    state,
    generation: 7,
    scope: isTimed ? 'orders' : null,
    scopeAsked: isTimed ? 'orders' : null,
    tokenType: 'bearer' as const,
    refreshExpiresAt: null,
    consentedBy: null,
    consentedAt: null,
    obtainedAt: isTimed ? new Date(NOW.getTime() - 20_000) : null,
    expiresAt: isTimed ? new Date(NOW.getTime() + 40_000) : null,
    expiresIn: isTimed ? 40 : null,
    nextCheckIn: isTimed ? 10 : null,
    lifetimeSeconds: isTimed ? 60 : null,
    reason: null,
    detail: null,
    movedTokenUrl: null,
    action: state === 'consent-needed' ? { label: 'Consent', href: '/connections/partner/consent' } : null,
    sealedAccessToken: PLANTED,
  };
  return { ...telling, ...changes };
}

/** A consent on another device as its page is told of it; every text the provider chose is `text`. */
export function sampleDevice(state: DeviceState, text: string): DeviceTelling {
  const directLink = `https://id.partner.example/device?user_code=${encodeURIComponent(text)}`;
  const ask = { userCode: text, verificationUri: `https://id.partner.example/${text}`, link: `https://id.partner.example/${text}`, directLink };
  return {
    id: ID,
    state,
    reason: text,
    detail: text,
    startedBy: text,
    expiresAt: new Date(NOW.getTime() + 600_000),
    endedAt: state === 'pending' ? null : NOW,
    ask: state === 'pending' ? ask : null,
  };
}
