import type { ServerResponse } from 'node:http';
import type { Context } from 'koa';
import type { HeaderPairs } from '../../kernel/headers.ts';
import type { RelayClient } from '../../services/exchanges/relayed-answer.ts';
import { leaving } from '../leaving.ts';

/** Names the record of a relayed call. */
export const EXCHANGE_HEADER = 'Callbook-Exchange';

/**
 * What an answer from elsewhere gets besides its own headers where it does not bring them itself: a browser that shows it
 * runs nothing of it in our origin, and no cache keeps what only a key opens.
 */
const UNLESS_GIVEN: HeaderPairs = [
  ['X-Content-Type-Options', 'nosniff'],
  ['Content-Security-Policy', "default-src 'none'; sandbox"],
  ['Cache-Control', 'no-store'],
];

/** Writes a relayed answer past Koa, which would give it headers and an end of its own. */
export class ReplyToClient implements RelayClient {
  readonly #ctx: Context;
  readonly #response: ServerResponse;
  readonly #brokeOff = new AbortController();
  readonly #left = new AbortController();

  constructor(ctx: Context) {
    this.#ctx = ctx;
    this.#response = ctx.res;
    const gone = leaving(ctx.res);
    if (gone.aborted) this.#leave();
    else gone.addEventListener('abort', () => this.#leave());
  }

  get brokeOff(): AbortSignal {
    return this.#brokeOff.signal;
  }

  get left(): AbortSignal {
    return this.#left.signal;
  }

  named(exchangeId: string): void {
    this.#ctx.set(EXCHANGE_HEADER, exchangeId);
  }

  head(status: number, headers: HeaderPairs): void {
    const response = this.#response;
    const id = this.#ctx.response.get(EXCHANGE_HEADER);
    this.#ctx.respond = false;
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    const given = new Set(headers.map(([name]) => name.toLowerCase()));
    const added = UNLESS_GIVEN.filter(([name]) => !given.has(name.toLowerCase()));
    response.writeHead(status, [...headers, ...added, [EXCHANGE_HEADER, id] as const].flat());
  }

  flush(): void {
    this.#response.flushHeaders();
  }

  write(bytes: Uint8Array): Promise<void> | null {
    if (bytes.length === 0 || this.#response.destroyed || this.#response.write(bytes)) return null;
    return oneOf(this.#response, ['drain', 'close']);
  }

  async end(): Promise<void> {
    if (this.#response.destroyed) return;
    const over = oneOf(this.#response, ['finish', 'close']);
    this.#response.end();
    await over;
  }

  cut(): void {
    const { httpVersion, socket } = this.#ctx.req;
    // To a client of HTTP/1.0 the end of the connection is that of the answer; to others only the last chunk is.
    if (httpVersion === '1.0') socket.resetAndDestroy();
    else socket.destroy();
  }

  #leave(): void {
    (this.#ctx.req.complete ? this.#left : this.#brokeOff).abort();
  }
}

function oneOf(response: ServerResponse, events: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      for (const event of events) response.off(event, settle);
      resolve();
    };
    for (const event of events) response.on(event, settle);
  });
}
