/** What a token set is asked for with. `callback` is what `readCallback` gave, in this very process. */
export type TokenGrant =
  | { readonly kind: 'refresh'; readonly refreshToken: string; readonly scope?: string }
  | { readonly kind: 'client-credentials' | 'jwt-bearer' | 'token-exchange' | 'password' }
  | { readonly kind: 'device'; readonly deviceCode: string }
  | {
      readonly kind: 'code';
      readonly callback: URLSearchParams;
      readonly verifier: string;
      readonly redirectUri: string;
    };
