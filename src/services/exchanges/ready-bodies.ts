import { createHash } from 'node:crypto';
import type { Answer, CallResult, OutboundRequest } from '../../kernel/exchange.ts';
import { type HeaderPairs, headerValue } from '../../kernel/headers.ts';
import type { Masker } from '../../kernel/masker.ts';
import { maskBody } from './mask-body.ts';
import { packBody, type PackedBody } from './packed-body.ts';
import type { RecordedBody } from './recorded-body.ts';

/** A body as it will be written down: masked, and as much of it as is kept. */
export interface ReadyBody {
  readonly packed: PackedBody;
  readonly masked: boolean;
  /** True where there is more of it than is kept. */
  readonly truncated: boolean;
}

/** All of a body that was sent, whatever is kept of it. */
export interface WireBody {
  readonly bytes: number;
  /** In hex. */
  readonly sha256: string;
}

/** A body that is in hand; `wire` is there where not all of it is kept. */
export interface WholeBody extends ReadyBody {
  readonly wire: WireBody | null;
}

/** The bodies of a call, or what is needed of them; null where there is none. */
export interface ReadyBodies {
  readonly request: WholeBody | null;
  /** As it is, where it was written down while it came. */
  readonly answer: ReadyBody | RecordedBody | null;
}

/** A request's body, of which `keepBytes` are kept; null where there is none. */
export async function readyRequest(
  { body, headers }: OutboundRequest,
  masker: Masker,
  keepBytes: number,
): Promise<WholeBody | null> {
  return body && readyBody(body, typeOf(headers), masker, keepBytes);
}

/** A whole body, of which `keepBytes` are kept. */
export async function readyBody(
  whole: Uint8Array,
  contentType: string | null,
  masker: Masker,
  keepBytes: number,
): Promise<WholeBody> {
  const { bytes, masked } = await maskBody(masker, whole, contentType);
  const packed = await packBody(bytes.subarray(0, keepBytes));
  const truncated = bytes.length > keepBytes;
  return { packed, masked, truncated, wire: truncated ? { bytes: whole.length, sha256: sha256Of(whole) } : null };
}

/**
 * An answer's body, which was cut to what is kept when it came; null where there was no answer. That of a relayed call
 * comes beside its result.
 */
export async function readyAnswer(
  result: CallResult,
  masker: Masker,
  relayed?: RecordedBody | Uint8Array,
): Promise<ReadyBodies['answer']> {
  const answer = answerOf(result);
  if (!answer) return null;
  const own = relayed ?? answer.body.bytes;
  if (!(own instanceof Uint8Array)) return own;
  const { bytes, masked } = await maskBody(masker, own, typeOf(answer.headers), isCut(result));
  return { packed: await packBody(bytes), masked, truncated: answer.body.truncated };
}

/** The answer, or what came of it before the call failed. */
export function answerOf({ outcome }: CallResult): Answer | null {
  return outcome.kind === 'answered' ? outcome : outcome.partial;
}

/** Whether more came of the answer than is in hand, or should have come. */
export function isCut(result: CallResult): boolean {
  return result.outcome.kind === 'failed' || (answerOf(result)?.body.truncated ?? false);
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function typeOf(headers: HeaderPairs): string | null {
  return headerValue(headers, 'content-type');
}
