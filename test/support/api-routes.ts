import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as elapse } from 'node:timers/promises';
import { headerValue } from '../../src/kernel/headers.ts';
import { AWKWARD_BODIES } from './awkward-bodies.ts';
import { encoded } from './encodings.ts';
import type { Received } from './received.ts';

const ORDER_BYTES = 144;
const BLOCK = Buffer.from(Array.from({ length: 64 * 1024 }, (_, at) => at % 251));

/** Answers one request of the resource API. */
export type Route = (received: Received, response: ServerResponse) => Promise<void> | void;

/** The resource API's routes by the first part of the path. */
export const ROUTES: Readonly<Record<string, Route>> = {
  orders: (received, response) => {
    const body = Buffer.from(orderText(received));
    response
      .writeHead(received.method === 'POST' ? 201 : 200, jsonHead(body))
      .end(received.method === 'HEAD' ? '' : body);
  },
  echo,
  slow: async (received, response) => {
    // Nobody waits for an answer whose asker has gone.
    await elapse(numberOf(received, 'ms', 1000), undefined, { ref: false });
    sendJson(response, 200, { slept: numberOf(received, 'ms', 1000) });
  },
  status: (received, response) => {
    const status = Number(received.path.split('/')[2]);
    if (status === 204 || status === 304) return void response.writeHead(status).end();
    sendJson(response, status, { status });
  },
  redirect: (received, response) => {
    const status = numberOf(received, 'status', 302);
    response.writeHead(status, { location: received.query.get('to') ?? '/orders' }).end();
  },
  awkward: (received, response) => {
    const body = AWKWARD_BODIES[received.path.split('/')[2] ?? ''];
    if (!body) return sendJson(response, 404, { known: Object.keys(AWKWARD_BODIES) });
    response.writeHead(200, {
      'content-type': body.contentType,
      'content-length': body.wire.length,
      ...(body.contentEncoding && { 'content-encoding': body.contentEncoding }),
    });
    response.end(body.wire);
  },
  bytes: sendBytes,
  events: async (received, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (let at = 0; at < numberOf(received, 'count', 3) && !response.destroyed; at += 1) {
      response.write(`id: ${at}\ndata: {"n":${at}}\n\n`);
      await elapse(numberOf(received, 'ms', 0));
    }
    response.end();
  },
};

/** Writes an answer of our own as JSON. */
export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(status, jsonHead(body)).end(body);
}

/** The bytes `/bytes?size=…` answers with. */
export function expectedBytes(size: number): Buffer {
  return Buffer.alloc(size, BLOCK);
}

/** The access token a request came with, as Bearer (RFC 6750, section 2.1), or null. */
export function bearerOf(received: Received): string | null {
  const value = headerValue(received.headers, 'authorization');
  return value?.startsWith('Bearer ') ? value.slice('Bearer '.length) : null;
}

function orderText(received: Received): string {
  const order = { id: 9007199254740993n, item: 'paper', state: 'paid', bytes: received.bytes, note: '' };
  const text = JSON.stringify({ ...order, id: 0 }).replace('"id":0', `"id":${order.id}`);
  const note = '.'.repeat(ORDER_BYTES - Buffer.byteLength(text));
  return text.replace('"note":""', `"note":"${note}"`);
}

/**
 * Sends back what came. `as=hex,base64` puts the token into the JSON in those encodings too; `of=` takes another text than
 * the token; `chunk=` writes that many bytes at a time, so that a secret lies across the borders.
 */
async function echo(received: Received, response: ServerResponse): Promise<void> {
  const secret = received.query.get('of') ?? bearerOf(received) ?? '';
  const names = received.query.get('as')?.split(',') ?? [];
  const { method, target, headers, body } = received;
  const again = Object.fromEntries(names.map((name) => [name, encoded(secret, name)]));
  const bytes = Buffer.from(JSON.stringify({ method, target, headers, body: body.toString(), again }));
  const head = { 'content-type': 'application/json', 'x-echo': names.map((name) => again[name]).join(' ') };
  const chunk = numberOf(received, 'chunk', 0);
  if (chunk === 0) return void response.writeHead(200, { ...head, 'content-length': bytes.length }).end(bytes);
  response.writeHead(200, head);
  for (let at = 0; at < bytes.length; at += chunk) {
    response.write(bytes.subarray(at, at + chunk));
    await elapse(1);
  }
  response.end();
}

/** `size`, `chunk` and pause `ms` between chunks; `length=none` sends it chunked, `length=N` says N whatever is true. */
async function sendBytes(received: Received, response: ServerResponse): Promise<void> {
  const size = numberOf(received, 'size', 1024);
  const chunk = Math.min(numberOf(received, 'chunk', BLOCK.length), BLOCK.length);
  const said = received.query.get('length') ?? String(size);
  const head = { 'content-type': received.query.get('type') ?? 'application/octet-stream' };
  response.shouldKeepAlive = said === 'none' || said === String(size);
  response.writeHead(200, said === 'none' ? head : { ...head, 'content-length': said });
  for (let at = 0; at < size && !response.destroyed; at += chunk) {
    const from = at % BLOCK.length;
    const piece = slice(from, Math.min(chunk, size - at));
    if (!response.write(piece)) await drained(response);
    if (received.query.has('ms')) await elapse(numberOf(received, 'ms', 0));
  }
  response.end();
}

/** Room again, or nobody there any more. */
async function drained(response: ServerResponse): Promise<void> {
  const settled = new AbortController();
  const { signal } = settled;
  const events = [once(response, 'drain', { signal }), once(response, 'close', { signal })];
  await Promise.race(events);
  settled.abort();
  await Promise.allSettled(events);
}

function slice(from: number, size: number): Buffer {
  if (from + size <= BLOCK.length) return BLOCK.subarray(from, from + size);
  return Buffer.concat([BLOCK.subarray(from), BLOCK.subarray(0, from + size - BLOCK.length)]);
}

function jsonHead(body: Buffer): Record<string, string | number> {
  return { 'content-type': 'application/json', 'content-length': body.length };
}

function numberOf(received: Received, name: string, otherwise: number): number {
  const value = received.query.get(name);
  return value === null ? otherwise : Number(value);
}
