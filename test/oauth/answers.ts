import { type OAuth2Settings, USUAL_OAUTH2 } from '../../src/kernel/auth.ts';
import type { CallResult, FailureReason, Outcome, OutboundRequest } from '../../src/kernel/exchange.ts';
import type { HeaderPairs } from '../../src/kernel/headers.ts';

/** The moment every request in these tests leaves. */
export const SENT_AT = new Date('2026-11-22T09:00:00.000Z');
export const REFRESH_TOKEN = 'old-refresh-token-of-partner';
export const CLIENT_SECRET = 'p&ss:wörd of the client';

/** What a provider that rotates says when all is well. */
export const TOKEN = {
  access_token: 'new-access',
  token_type: 'Bearer',
  expires_in: 3600,
  refresh_token: 'new-refresh',
};

const NO_TIMINGS = { wait: 0, dns: null, connect: null, tls: null, send: 0, firstByte: 1, receive: 1, total: 2 };

/** Settings of a partner that rotates, with what a test wants otherwise. */
export function settingsWith(others: Partial<OAuth2Settings> = {}): OAuth2Settings {
  return {
    ...USUAL_OAUTH2,
    type: 'oauth2',
    grantType: 'refresh_token',
    tokenUrl: 'https://id.partner.example/token',
    authorizationUrl: 'https://id.partner.example/authorize',
    revocationUrl: 'https://id.partner.example/revoke',
    issuer: null,
    clientId: 'abc',
    clientAuthentication: 'client_secret_basic',
    scope: 'orders',
    marginSeconds: null,
    replaySeconds: null,
    ...others,
  };
}

/** A finished token call with this outcome, two seconds long. */
export function resultOf(outcome: Outcome, request: OutboundRequest = sentRequest()): CallResult {
  const finishedAt = new Date(SENT_AT.getTime() + 2000);
  return { request, outcome, hops: [], timings: NO_TIMINGS, startedAt: SENT_AT, finishedAt };
}

/** An answer as it may come; JSON unless the headers say otherwise. */
export function answered(status: number, body: unknown, headers: HeaderPairs = [], truncated = false): Outcome {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const bytes = new TextEncoder().encode(text);
  const received = { bytes, wireBytes: bytes.length, wireSha256: '', truncated };
  return { kind: 'answered', status, headers: [['content-type', 'application/json'], ...headers], body: received };
}

/** A call that did not come to an end, with what had arrived by then. */
export function failed(reason: FailureReason, sent: boolean, partial: Outcome | null = null): Outcome {
  const came = partial?.kind === 'answered' ? partial : null;
  return { kind: 'failed', reason, detail: `It failed: ${reason}.`, sent, partial: came };
}

/** A JWT with these claims; its signature is nobody's business here. */
export function jwtWith(claims: object): string {
  return `${part({ alg: 'RS256' })}.${part(claims)}.c2ln`;
}

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function sentRequest(): OutboundRequest {
  const form = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: REFRESH_TOKEN });
  const pair = `abc:${encodeURIComponent(CLIENT_SECRET).replaceAll('%20', '+')}`;
  return {
    method: 'POST',
    url: 'https://id.partner.example/token',
    headers: [['authorization', `Basic ${Buffer.from(pair).toString('base64')}`]],
    body: new TextEncoder().encode(form.toString()),
  };
}
