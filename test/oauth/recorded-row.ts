import type { Outcome } from '../../src/kernel/exchange.ts';
import type { HeaderPairs } from '../../src/kernel/headers.ts';
import type { TokenReply } from '../../src/kernel/token-reply.ts';
import { answered } from './answers.ts';

/** A token endpoint's answer as its provider documents it, and what it is to be taken for. */
export interface RecordedAnswer {
  readonly from: string;
  readonly what: string;
  readonly outcome: Outcome;
  readonly kind: TokenReply['kind'];
  /** Null for a grant. */
  readonly code: string | null;
}

export const HTML: HeaderPairs = [['content-type', 'text/html; charset=UTF-8']];
export const FORM: HeaderPairs = [['content-type', 'application/x-www-form-urlencoded; charset=utf-8']];
export const TEXT: HeaderPairs = [['content-type', 'text/plain']];

type Row = readonly [
  what: string,
  status: number,
  body: unknown,
  kind: TokenReply['kind'],
  code: string | null,
  headers?: HeaderPairs,
];

/** The answers of one provider. */
export function by(from: string, rows: readonly Row[]): RecordedAnswer[] {
  return rows.map(([what, status, body, kind, code, headers = []]) => ({
    from,
    what,
    outcome: answered(status, body, headers),
    kind,
    code,
  }));
}

/** An error with its words (RFC 6749, section 5.2). */
export const said = (error: string, error_description: string, more: object = {}) => ({
  error,
  error_description,
  ...more,
});
/** What stands in front of a provider, as a page. */
export const page = (title: string) =>
  `<html>\r\n<head><title>${title}</title></head>\r\n<body><h1>${title}</h1></body></html>`;

/** Entra adds these to each of its errors. */
