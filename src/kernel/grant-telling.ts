import type { TokenType } from './token-reply.ts';

/** Grant states as pages and programs see them: what is stored, with clock and lease told in place of `held`. */
export const TOLD_GRANT_STATES = [
  'static',
  'missing',
  'fresh',
  'due',
  'expired',
  'refreshing',
  'ambiguous',
  'consent-needed',
  'misconfigured',
  'revoked',
] as const;
export type ToldGrantState = (typeof TOLD_GRANT_STATES)[number];

/** Who asks for tokens, and where: what connections that share a client have in common. */
export interface ClientTelling {
  readonly tokenUrl: string;
  readonly clientId: string;
}

/** What may be told about a grant to anybody who may look: never a token. Seconds where a name says so. */
export interface GrantTelling {
  /** The connection's slug. */
  readonly connection: string;
  /** Null where there is no OAuth. */
  readonly client: ClientTelling | null;
  readonly state: ToldGrantState;
  readonly generation: number;
  /** What the token set was given for, as the provider said it. */
  readonly scope: string | null;
  /** What was asked for when it was had; null where the provider was left to choose. */
  readonly scopeAsked: string | null;
  /** How the access token is sent. */
  readonly tokenType: TokenType;
  readonly obtainedAt: Date | null;
  readonly expiresAt: Date | null;
  /** Seconds until the access token ends. */
  readonly expiresIn: number | null;
  /** Seconds until a page should ask again; null where only a person can change the state. */
  readonly nextCheckIn: number | null;
  readonly lifetimeSeconds: number | null;
  /** When the refresh token ends, where the provider says so. */
  readonly refreshExpiresAt: Date | null;
  /** Who consented to it and when; null where nobody had to. */
  readonly consentedBy: string | null;
  readonly consentedAt: Date | null;
  readonly reason: string | null;
  readonly detail: string | null;
  /** A token endpoint that the issuer names and nobody has decided about; calls go to the connection's own. */
  readonly movedTokenUrl: string | null;
  readonly action: { readonly label: string; readonly href: string } | null;
}

/** The reason of a grant whose client its provider does not accept: the trouble of every connection with that client. */
export const CLIENT_REFUSED = 'invalid_client';

/** True where the trouble is the client's, so that one notice tells of every grant that waits for it. */
export function isClientRefused({ state, reason }: Pick<GrantTelling, 'state' | 'reason'>): boolean {
  return state === 'misconfigured' && reason === CLIENT_REFUSED;
}

/** The same text for grants in the same trouble: one for a refused client, and one for each grant otherwise. */
export function troubleOf(telling: Pick<GrantTelling, 'connection' | 'client' | 'state' | 'reason'>): string {
  const { client, connection } = telling;
  return client && isClientRefused(telling) ? `${client.tokenUrl} ${client.clientId}` : connection;
}

/** A grant as programs get it: an allow-list, so that a new field stays private until someone adds it here. */
export function grantDocument(telling: GrantTelling) {
  const { connection, state, generation, scope, obtainedAt, expiresAt, expiresIn } = telling;
  const { scopeAsked, tokenType, refreshExpiresAt, consentedBy, consentedAt } = telling;
  const { nextCheckIn, reason, detail, action } = telling;
  return {
    connection,
    state,
    generation,
    scope,
    scopeAsked,
    tokenType,
    obtainedAt: obtainedAt?.toISOString() ?? null,
    expiresAt: expiresAt?.toISOString() ?? null,
    expiresIn,
    refreshExpiresAt: refreshExpiresAt?.toISOString() ?? null,
    nextCheckIn,
    consentedBy,
    consentedAt: consentedAt?.toISOString() ?? null,
    reason,
    detail,
    action: action && { label: action.label, href: action.href },
  };
}
