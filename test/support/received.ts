import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { HeaderPairs } from '../../src/kernel/headers.ts';

const KEPT_BYTES = 1024 * 1024;

/** A request as a server of the tests received it, byte for byte. */
export interface Received {
  readonly method: string;
  /** The target as it stood on the wire. */
  readonly target: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** In order, with their case and their duplicates. */
  readonly headers: HeaderPairs;
  /** The first MiB of the body. */
  readonly body: Buffer;
  readonly bytes: number;
  /** SHA-256 (hex) of the whole body. */
  readonly sha256: string;
}

/** Reads a whole request; a body is counted and hashed to its end and kept up to 1 MiB. */
export async function receive(request: IncomingMessage): Promise<Received> {
  const hash = createHash('sha256');
  const kept: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    hash.update(chunk);
    if (bytes < KEPT_BYTES) kept.push(chunk.subarray(0, KEPT_BYTES - bytes));
    bytes += chunk.length;
  }
  const target = request.url ?? '/';
  const url = new URL(target, 'http://127.0.0.1');
  return {
    method: request.method ?? '',
    target,
    path: url.pathname,
    query: url.searchParams,
    headers: pairs(request.rawHeaders),
    body: Buffer.concat(kept),
    bytes,
    sha256: hash.digest('hex'),
  };
}

/** The fields of a form-encoded body. */
export function formOf(received: Received): URLSearchParams {
  return new URLSearchParams(received.body.toString());
}

function pairs(raw: readonly string[]): HeaderPairs {
  const found: [string, string][] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) found.push([raw[at] ?? '', raw[at + 1] ?? '']);
  return found;
}
