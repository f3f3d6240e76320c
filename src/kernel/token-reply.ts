/** How an access token is sent: RFC 6750, or bound to our key by RFC 9449. */
export const TOKEN_TYPES = ['bearer', 'dpop'] as const;
export type TokenType = (typeof TOKEN_TYPES)[number];

/** Tokens as a provider gave them. `expiresAt` counts from the moment the request was sent. */
export interface TokenSet {
  readonly accessToken: string;
  /** Null when the reply had none: the one held before stays. */
  readonly refreshToken: string | null;
  readonly tokenType: TokenType;
  readonly scope: string | null;
  /** When the refresh token ends, where the provider says so; no standard has it. */
  readonly refreshExpiresAt: Date | null;
  readonly expiresAt: Date;
}

/**
 * What a provider's answer to a token request means. `code` is the OAuth error code or a word of ours, `detail` one
 * sentence for people without a secret; `retryAfterMs` is the provider's wish, at most one hour.
 */
export type TokenReply =
  | { readonly kind: 'granted'; readonly tokens: TokenSet }
  | { readonly kind: 'refused'; readonly code: string; readonly detail: string }
  | { readonly kind: 'misconfigured'; readonly code: string; readonly detail: string }
  | { readonly kind: 'transient'; readonly code: string; readonly detail: string; readonly retryAfterMs: number | null }
  | { readonly kind: 'ambiguous'; readonly code: string; readonly detail: string };
