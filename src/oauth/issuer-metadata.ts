import { CLIENT_AUTHENTICATIONS, type ClientAuthentication, GRANT_TYPES, type GrantType } from '../kernel/auth.ts';
import { endpointFault } from './endpoint-url.ts';

/** Endpoints that we use, by the setting that holds each (RFC 8414 section 2, RFC 8628 section 4, RFC 9126 section 5). */
const ENDPOINTS = [
  ['tokenUrl', 'token_endpoint', 'token endpoint'],
  ['authorizationUrl', 'authorization_endpoint', 'authorisation endpoint'],
  ['revocationUrl', 'revocation_endpoint', 'revocation endpoint'],
  ['introspectionUrl', 'introspection_endpoint', 'introspection endpoint'],
  ['deviceAuthorizationUrl', 'device_authorization_endpoint', 'device authorisation endpoint'],
  ['pushedAuthorizationUrl', 'pushed_authorization_request_endpoint', 'endpoint for pushed requests'],
] as const;
/** As long as an address of a connection may be. */
const LONGEST = 2048;

/** What an issuer publishes, as it was read (RFC 8414, section 3.2; OpenID Connect Discovery 1.0, section 4.2). */
export type MetadataDocument = Readonly<Record<string, unknown>>;

/** Endpoints by the setting that holds them; what the issuer does not have is left out. */
export type Endpoints = { readonly [Setting in (typeof ENDPOINTS)[number][0]]?: string };

/** What an issuer says of itself, as far as we use it. A list is null where it says nothing: then nobody knows. */
export interface IssuerMetadata {
  readonly endpoints: Endpoints;
  /** For clients that show a certificate (RFC 8705, section 5): in place of `endpoints`, each where there is one. */
  readonly tlsEndpoints: Endpoints;
  /** Callbacks name the issuer (RFC 9207, section 3). */
  readonly namesItself: boolean;
  /** Authorisation requests have to be pushed (RFC 9126, section 5). */
  readonly requiresPushed: boolean;
  readonly clientAuthentications: readonly ClientAuthentication[] | null;
  readonly grantTypes: readonly GrantType[] | null;
  readonly scopes: readonly string[] | null;
  /** Algorithms it takes proofs of possession with (RFC 9449, section 5.1). */
  readonly proofAlgorithms: readonly string[] | null;
}

/** Reads what we use of a document whose endpoints were found fit; see `endpointsFault`. */
export function metadataOf(document: MetadataDocument): IssuerMetadata {
  return {
    endpoints: endpointsOf(document),
    tlsEndpoints: endpointsOf(aliasesOf(document)),
    namesItself: document['authorization_response_iss_parameter_supported'] === true,
    requiresPushed: document['require_pushed_authorization_requests'] === true,
    clientAuthentications: known(document['token_endpoint_auth_methods_supported'], CLIENT_AUTHENTICATIONS),
    grantTypes: known(document['grant_types_supported'], GRANT_TYPES),
    scopes: texts(document['scopes_supported']),
    proofAlgorithms: texts(document['dpop_signing_alg_values_supported']),
  };
}

/** The endpoints for a client: where it shows a certificate, those that ask for it. */
export function endpointsFor({ endpoints, tlsEndpoints }: IssuerMetadata, showsCertificate: boolean): Endpoints {
  return showsCertificate ? { ...endpoints, ...tlsEndpoints } : endpoints;
}

/** Why no secret may go where a document points, as one sentence, or null. It has to name a token endpoint at least. */
export function endpointsFault(document: MetadataDocument): string | null {
  if (document['token_endpoint'] === undefined) return 'The issuer names no token endpoint.';
  for (const part of [document, aliasesOf(document)]) {
    for (const [, member, what] of ENDPOINTS) {
      const why = part[member] === undefined ? null : addressFault(part[member]);
      if (why) return `The issuer names a ${what} that cannot be used. ${why}`;
    }
  }
  return null;
}

function addressFault(address: unknown): string | null {
  if (typeof address !== 'string') return 'It is no text.';
  if (address.length > LONGEST || /[\s\\]/.test(address)) return 'It is no address.';
  return endpointFault(address);
}

function aliasesOf(document: MetadataDocument): MetadataDocument {
  const aliases = document['mtls_endpoint_aliases'];
  return typeof aliases === 'object' && aliases !== null && !Array.isArray(aliases) ? { ...aliases } : {};
}

function endpointsOf(document: MetadataDocument): Endpoints {
  const named = ENDPOINTS.map(([setting, member]) => [setting, document[member]] as const);
  return Object.fromEntries(named.filter(([, address]) => typeof address === 'string'));
}

function texts(list: unknown): readonly string[] | null {
  return Array.isArray(list) ? list.filter((item) => typeof item === 'string') : null;
}

function known<Word extends string>(list: unknown, words: readonly Word[]): readonly Word[] | null {
  const named = texts(list);
  return named && words.filter((word) => named.includes(word));
}
