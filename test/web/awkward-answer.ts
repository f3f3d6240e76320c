import type { RawAnswer } from '../support/raw-api.ts';
import { bytes, JSON_TYPE, sha256 } from './awkward-bodies.ts';

/** Bytes of a body in a page. */
const INLINE = 256 * 1024;

/** What a page shows of a body: its text, its first bytes in hex, it as an image of that type, or that there is none. */
export type Shown =
  { readonly text: string } | { readonly hex: string } | { readonly image: string } | { readonly nothing: true };

/** An answer as it is hard to keep: what goes over the wire, and what has to be on record and on its page. */
export interface AwkwardAnswer {
  readonly method: 'GET' | 'HEAD';
  /** The whole answer, head and framing included. */
  readonly answer: () => RawAnswer;
  readonly outcome: 'answered' | 'failed';
  readonly reason: string | null;
  readonly status: number;
  readonly kept: Buffer;
  readonly truncated: boolean;
  readonly wireBytes: number;
  readonly wireSha256: string;
  readonly shown: Shown;
  readonly notes: readonly string[];
}

/** What is said of an awkward answer; the rest follows from it. */
export interface Draft {
  readonly method?: 'GET' | 'HEAD';
  readonly start?: string;
  readonly status?: number;
  readonly type?: string | null;
  readonly headers?: readonly string[];
  /** The body without framing. */
  readonly wire?: Buffer;
  /** The body as it is framed, where that is not by Content-Length. */
  readonly framed?: () => RawAnswer;
  readonly length?: number | null;
  /** What is left of the body where that is not as it came. */
  readonly kept?: Buffer;
  readonly truncated?: boolean;
  readonly sum?: { readonly bytes: number; readonly sha256: string };
  readonly fails?: string;
  readonly shown?: Shown;
  readonly notes?: readonly string[];
}

export const text = (content: string): Shown => ({ text: content });
export const first = (content: Buffer) => text(content.subarray(0, INLINE).toString());

/** The answer made of its draft. */
export function finished(draft: Draft): AwkwardAnswer {
  const { wire = Buffer.alloc(0), framed, truncated = false, fails = null, notes = [] } = draft;
  const kept = draft.kept ?? wire;
  const sum = draft.sum ?? { bytes: wire.length, sha256: sha256(wire) };
  return {
    method: draft.method ?? 'GET',
    answer: () => [headOf(draft, wire), ...(framed ? framed() : [wire])],
    outcome: fails ? 'failed' : 'answered',
    reason: fails,
    status: draft.status ?? 200,
    kept,
    truncated,
    wireBytes: sum.bytes,
    wireSha256: sum.sha256,
    shown: draft.shown ?? first(kept),
    notes,
  };
}

function headOf({ start = '200 OK', type = JSON_TYPE, headers = [], framed, length }: Draft, wire: Buffer): Buffer {
  const framing = framed ? 'Transfer-Encoding: chunked' : `Content-Length: ${length ?? wire.length}`;
  const lines = [
    `HTTP/1.1 ${start}`,
    ...(type === null ? [] : [`Content-Type: ${type}`]),
    ...headers,
    ...(length === null ? [] : [framed && length !== undefined ? `Content-Length: ${length}` : framing]),
    'Connection: close',
  ];
  return bytes(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}
