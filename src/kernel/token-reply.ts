/** Tokens as a provider gave them. `expiresAt` counts from the moment the request was sent. */
export interface TokenSet {
  readonly accessToken: string;
  /** Null when the reply had none: the one held before stays. */
  readonly refreshToken: string | null;
  readonly scope: string | null;
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
