import type { AuthSecrets, AuthSettings } from '../../kernel/auth.ts';
import type { HeaderPairs } from '../../kernel/headers.ts';
import type { FreshToken } from '../grants/renewal.ts';

/** What is put into a call so that the API lets it in, and what must not be seen of it. */
export interface Credentials {
  readonly headers: HeaderPairs;
  /** A name and value for the query, percent-encoded when it is put in. */
  readonly query: readonly [name: string, value: string] | null;
}

const NONE: Credentials = { headers: [], query: null };

/** Credentials for a connection's way of authorising: RFC 7617 for Basic, RFC 6750 section 2.1 for tokens. */
export function credentialsFor(auth: AuthSettings, secrets: AuthSecrets, token: FreshToken | null): Credentials {
  switch (auth.type) {
    case 'none':
      return NONE;
    case 'basic':
      return authorization(`Basic ${Buffer.from(`${auth.username}:${secrets.password ?? ''}`).toString('base64')}`);
    case 'bearer':
      return authorization(`Bearer ${secrets.token ?? ''}`);
    case 'oauth2':
      return token ? authorization(`Bearer ${token.accessToken}`) : NONE;
    case 'apiKey':
      return apiKey(auth.in, auth.name, secrets.value ?? '');
  }
}

/** The URL with the credentials' query parameter at its end; what was typed stays as it is. */
export function withCredentials(url: string, { query }: Credentials): string {
  if (!query) return url;
  const [name, value] = query.map(encodeURIComponent);
  return `${url}${url.includes('?') ? '&' : '?'}${name}=${value}`;
}

function authorization(value: string): Credentials {
  return { headers: [['authorization', value]], query: null };
}

function apiKey(place: 'header' | 'query' | 'cookie', name: string, value: string): Credentials {
  if (place === 'query') return { headers: [], query: [name, value] };
  return { headers: [place === 'cookie' ? ['cookie', `${name}=${value}`] : [name.toLowerCase(), value]], query: null };
}
