import type { AuthSecrets, AuthSettings } from '../../kernel/auth.ts';
import type { OutboundRequest } from '../../kernel/exchange.ts';
import type { HeaderPairs } from '../../kernel/headers.ts';
import type { FreshToken } from '../grants/renewal.ts';

/** What is put into a call so that the API lets it in, and what must not be seen of it. */
export type Credentials =
  | { readonly kind: 'none' }
  | { readonly kind: 'header' | 'query' | 'cookie'; readonly name: string; readonly value: string };

const SCHEMES = { bearer: 'Bearer', dpop: 'DPoP' } as const;

/** Credentials for a connection's way of authorising: RFC 7617 for Basic, RFC 6750 (section 2.1) and 9449 (7.1) for tokens. */
export function credentialsFor(auth: AuthSettings, secrets: AuthSecrets, token: FreshToken | null): Credentials {
  switch (auth.type) {
    case 'none':
      return { kind: 'none' };
    case 'basic':
      return authorization(`Basic ${Buffer.from(`${auth.username}:${secrets.password ?? ''}`).toString('base64')}`);
    case 'bearer':
      return authorization(`Bearer ${secrets.token ?? ''}`);
    case 'oauth2':
      return token ? authorization(`${SCHEMES[token.tokenType]} ${token.accessToken}`) : { kind: 'none' };
    case 'apiKey':
      return { kind: auth.in, name: auth.name, value: secrets.value ?? '' };
  }
}

/** The request with its credentials, which win over a header or cookie of the same name; nothing else of it changes. */
export function withCredentials(request: OutboundRequest, credentials: Credentials): OutboundRequest {
  switch (credentials.kind) {
    case 'none':
      return request;
    case 'header': {
      const { name, value } = credentials;
      return { ...request, headers: [...without(request.headers, name.toLowerCase()), [name, value]] };
    }
    case 'query':
      return { ...request, url: withParameter(request.url, credentials.name, credentials.value) };
    case 'cookie': {
      const cookie = [...cookiesBesides(request.headers, credentials.name), `${credentials.name}=${credentials.value}`];
      return { ...request, headers: [...without(request.headers, 'cookie'), ['cookie', cookie.join('; ')]] };
    }
  }
}

function authorization(value: string): Credentials {
  return { kind: 'header', name: 'authorization', value };
}

function without(headers: HeaderPairs, name: string): HeaderPairs {
  return headers.filter(([key]) => key.toLowerCase() !== name);
}

/** At the end of the query, percent-encoded; what was typed stays as it is. */
function withParameter(url: string, name: string, value: string): string {
  return `${url}${url.includes('?') ? '&' : '?'}${encodeURIComponent(name)}=${encodeURIComponent(value)}`;
}

/** Cookies that were typed (RFC 6265, section 4.2.1), but for one of this name. */
function cookiesBesides(headers: HeaderPairs, name: string): string[] {
  return headers
    .filter(([key]) => key.toLowerCase() === 'cookie')
    .flatMap(([, value]) => value.split(';'))
    .map((cookie) => cookie.trim())
    .filter((cookie) => cookie !== '' && !cookie.startsWith(`${name}=`));
}
