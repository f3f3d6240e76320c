import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as elapse } from 'node:timers/promises';
import { listen } from '../support/listening.ts';

/** A body in the book: how long it was and its SHA-256 (hex). */
export interface BookedBody {
  readonly bytes: number;
  readonly sha256: string;
}

/** What the API knows of one path: written down when the request's head is there, before anything is answered. */
export interface Booked {
  readonly method: string;
  arrivals: number;
  /** Once it is here whole. */
  received?: BookedBody;
  /** Once all of it was handed to the connection. */
  sent?: BookedBody;
}

/** An API that does what it is told and keeps a book about it, in a process that nobody ends. */
export interface BookedApi extends AsyncDisposable {
  readonly origin: string;
  readonly book: ReadonlyMap<string, Booked>;
}

const SLOWEST_MS = 30;
const PIECE_BYTES = 64 * 1024;

/** Sizes on both sides of what is packed, of a chunk, and of a page. */
const SIZES = [0, 2, 900, 5_000, 17_000, 70_000, 262_144, 300_000];

/** A body that both ends can make by its number: text for even ones, what cannot be packed for odd ones. */
export function numberedBody(number: number): Buffer {
  const bytes = SIZES[number % SIZES.length] ?? 0;
  const begin = createHash('sha512').update(String(number)).digest();
  if (number % 2 === 0) return Buffer.alloc(bytes, `{"number":${number},"of":"${begin.toString('hex')}"}\n`);
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes; at += begin.length)
    parts.push(createHash('sha512').update(begin).update(String(at)).digest());
  return Buffer.concat(parts).subarray(0, bytes);
}

/** Its SHA-256 (hex) and length. */
export function booked(body: Uint8Array): BookedBody {
  return { bytes: body.length, sha256: createHash('sha256').update(body).digest('hex') };
}

/** Starts one. A request's path ends with a number; the answer's body is that of the number's successor, in pieces. */
export async function openBookedApi(): Promise<BookedApi> {
  const book = new Map<string, Booked>();
  const listening = await listen((request, response) => answer(book, request, response));
  return { origin: listening.origin, book, [Symbol.asyncDispose]: () => listening[Symbol.asyncDispose]() };
}

async function answer(book: Map<string, Booked>, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = '', url: path = '' } = request;
  const entry = book.get(path) ?? { method, arrivals: 0 };
  entry.arrivals += 1;
  book.set(path, entry);
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  entry.received = booked(Buffer.concat(parts));
  const number = Number(path.split('/').at(-1));
  await elapse((number * 7) % SLOWEST_MS);
  const body = numberedBody(number + 1);
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': body.length });
  for (let at = 0; at < body.length; at += PIECE_BYTES) {
    response.write(body.subarray(at, at + PIECE_BYTES));
    await elapse(1);
  }
  response.end();
  entry.sent = booked(body);
}
