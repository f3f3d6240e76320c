import type { Answer, CallResult, OutboundRequest } from '../kernel/exchange.ts';
import { endpointFault } from './endpoint-url.ts';
import { endpointsFault, type MetadataDocument } from './issuer-metadata.ts';
import { jsonFields } from './token-fields.ts';

const LONGEST_QUOTE = 200;
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]+/gu;

/** What an issuer was found to publish; `code` is a word of ours, `detail` one sentence for people. */
export type MetadataReply =
  | { readonly kind: 'found'; readonly document: MetadataDocument }
  | { readonly kind: 'failed'; readonly code: DiscoveryFault; readonly detail: string };

/** From what tells most to what tells least: several addresses are tried, and one sentence is told. */
const FAULTS = [
  'issuer-mismatch',
  'unfit-endpoint',
  'no-issuer',
  'too-large',
  'unreadable',
  'redirect',
  'no-answer',
  'not-there',
] as const;
export type DiscoveryFault = (typeof FAULTS)[number];

/** What is wrong with an issuer's identifier (RFC 8414, section 2), as one sentence, or null. */
export function issuerFault(issuer: string): string | null {
  const fault = endpointFault(issuer);
  if (fault) return fault;
  return issuer.includes('?') ? 'An issuer has no query (RFC 8414, section 2).' : null;
}

/**
 * Where an issuer publishes what it offers: RFC 8414, section 3.1 (before its path), then OpenID Connect Discovery 1.0,
 * section 4.1 (after it).
 */
export function metadataAddresses(issuer: string): readonly [string, string] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  return [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}${path}/.well-known/openid-configuration`,
  ];
}

/** Asks for what stands at one of those addresses. */
export function metadataRequest(address: string): OutboundRequest {
  const headers = [
    ['accept', 'application/json'],
    ['user-agent', 'callbook'],
  ] as const;
  return { method: 'GET', url: address, headers, body: null };
}

/**
 * Reads what came. The document has to name the very issuer that was asked for, letter by letter (RFC 8414,
 * section 3.3), and no endpoint that a secret may not go to. Never throws for what the network or the issuer did.
 */
export function readMetadata(issuer: string, { outcome }: CallResult): MetadataReply {
  if (outcome.kind === 'failed') {
    if (outcome.reason === 'too-large') return failed('too-large', 'The issuer’s answer is too large to be read.');
    return failed('no-answer', `The issuer could not be asked. ${outcome.detail}`);
  }
  const { status } = outcome;
  if (status >= 300 && status < 400) {
    return failed('redirect', `The issuer answers with a redirect (${status}), which is never followed.`);
  }
  if (status !== 200) return failed('not-there', `The issuer publishes nothing of itself there (${status}).`);
  const document = documentOf(outcome);
  if (!document) return failed('unreadable', 'The issuer’s answer is no JSON object, so nothing can be read from it.');
  return checked(issuer, document);
}

/** Of what went wrong at each address, what tells a person most. */
export function mostTelling(faults: readonly Extract<MetadataReply, { kind: 'failed' }>[]) {
  return faults.toSorted((a, b) => FAULTS.indexOf(a.code) - FAULTS.indexOf(b.code))[0];
}

function checked(issuer: string, document: MetadataDocument): MetadataReply {
  const named = document['issuer'];
  if (typeof named !== 'string' || named === '') {
    return failed('no-issuer', 'The document there does not say whose it is, so nothing was taken from it.');
  }
  if (named !== issuer) {
    return failed(
      'issuer-mismatch',
      `The document there belongs to another issuer, “${quoted(named)}”. Nothing was taken from it; write that one if it is the one you mean.`,
    );
  }
  const fault = endpointsFault(document);
  return fault ? failed('unfit-endpoint', `${fault} Nothing was taken from it.`) : { kind: 'found', document };
}

function documentOf({ body }: Answer): MetadataDocument | null {
  return body.truncated ? null : jsonFields(new TextDecoder().decode(body.bytes).trim());
}

function quoted(words: string): string {
  const shown = words.replace(UNPRINTABLE, ' ').trim();
  return shown.length > LONGEST_QUOTE ? `${shown.slice(0, LONGEST_QUOTE - 1)}…` : shown;
}

function failed(code: DiscoveryFault, detail: string): MetadataReply {
  return { kind: 'failed', code, detail };
}
