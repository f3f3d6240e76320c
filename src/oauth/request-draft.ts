import type { ExtraParameter } from '../kernel/auth.ts';
import type { OutboundRequest } from '../kernel/exchange.ts';
import { type HeaderPairs, headerValue } from '../kernel/headers.ts';

/** Headers that are not the standard's: a setting may say them otherwise. */
const OURS = new Set(['accept', 'user-agent']);
/** Headers of the connection and of the message itself: no setting says them. */
const NEVER =
  /^(host|connection|content-length|content-type|transfer-encoding|te|trailer|upgrade|keep-alive|proxy-.*)$/;

/** A token request while it is made: where its fields will stand is open. */
export interface RequestDraft {
  readonly url: string;
  readonly headers: HeaderPairs;
  readonly form: URLSearchParams;
}

/** Takes a form request apart. */
export function draftOf({ url, headers, body }: OutboundRequest): RequestDraft {
  return { url, headers, form: new URLSearchParams(new TextDecoder().decode(body ?? undefined)) };
}

/**
 * Adds parameters of one's own, each where it belongs. What the request says already stays as it is: no setting speaks
 * in the standard's place.
 */
export function withParameters(draft: RequestDraft, parameters: readonly ExtraParameter[]): RequestDraft {
  const pairsIn = (place: ExtraParameter['in']) =>
    parameters.filter((parameter) => parameter.in === place).map(({ name, value }) => [name, value] as const);

  return {
    url: withQuery(draft.url, pairsIn('query')),
    headers: withHeaders(draft.headers, pairsIn('header')),
    form: appended(draft.form, pairsIn('body')),
  };
}

/** Adds to an address's query; an address that gets nothing stays as it was written. */
export function withQuery(address: string, pairs: HeaderPairs): string {
  if (pairs.length === 0) return address;
  const url = new URL(address);
  const query = appended(url.searchParams, pairs);
  url.search = query.toString();
  return url.href;
}

/** The request as a form (RFC 6749, section 3.2), or as JSON where a provider wants that: a repeated name is a list. */
export function requestOf({ url, headers, form }: RequestDraft, isJson: boolean): OutboundRequest {
  const body = new TextEncoder().encode(isJson ? jsonOf(form) : form.toString());
  const typed = isJson ? headers.map(([name, value]) => [name, jsonTyped(name) ?? value] as const) : headers;
  return { method: 'POST', url, headers: typed, body };
}

function withHeaders(headers: HeaderPairs, pairs: HeaderPairs): HeaderPairs {
  const taken = pairs.filter(([name]) => {
    const lower = name.toLowerCase();
    return !NEVER.test(lower) && (OURS.has(lower) || headerValue(headers, name) === null);
  });
  const kept = headers.filter(([name]) => headerValue(taken, name) === null);
  return [...kept, ...taken];
}

function appended(fields: URLSearchParams, pairs: HeaderPairs): URLSearchParams {
  const isOpen = pairs.filter(([name]) => !fields.has(name));
  return new URLSearchParams([...fields, ...isOpen.map(([name, value]): [string, string] => [name, value])]);
}

function jsonOf(form: URLSearchParams): string {
  const names = [...new Set(form.keys())];
  return JSON.stringify(
    Object.fromEntries(
      names.map((name) => {
        const values = form.getAll(name);
        return [name, values.length === 1 ? values[0] : values];
      }),
    ),
  );
}

function jsonTyped(name: string): string | null {
  return name.toLowerCase() === 'content-type' ? 'application/json' : null;
}
