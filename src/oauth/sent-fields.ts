import type { OutboundRequest } from '../kernel/exchange.ts';
import { headerValue } from '../kernel/headers.ts';
import { jsonFields } from './token-fields.ts';

/** The fields of a request of ours, wherever they stand: in its query, and in its form or JSON. */
export function sentFields({ url, body }: OutboundRequest): URLSearchParams {
  const text = body ? new TextDecoder().decode(body) : '';
  const json = text.startsWith('{') ? jsonFields(text) : null;
  const pairs = Object.entries(json ?? {}).flatMap(([name, value]) => [value].flat().map((one) => [name, String(one)]));
  const form = json ? [] : new URLSearchParams(text);
  return new URLSearchParams([...(URL.parse(url)?.searchParams ?? []), ...form, ...pairs] as [string, string][]);
}

/** Secrets that were made for this one request: assertions and the proof of possession. */
export function madeFor(request: OutboundRequest): string[] {
  const fields = sentFields(request);
  const made = ['client_assertion', 'assertion'].flatMap((name) => fields.getAll(name));
  const proof = headerValue(request.headers, 'dpop');
  return proof === null ? made : [...made, proof];
}
