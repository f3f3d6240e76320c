import type { Socket } from 'node:net';
import type { CallResult, Hop, Timings } from '../kernel/exchange.ts';
import type { Connection } from './connector.ts';

/** Notes when a request reached which phase. Times are the monotonic clock's, in milliseconds. */
export class HopTimes {
  reusedConnection = false;
  readonly #askedAt = performance.now();
  #startedAt: number | null = null;
  #sentAt: number | null = null;
  #answeredAt: number | null = null;
  #socket: Socket | null = null;

  /** The head is about to be written on this connection. */
  started(connection: Connection): void {
    this.reusedConnection = connection.uses > 0;
    connection.uses += 1;
    this.#startedAt = performance.now();
    this.#socket = connection.socket;
  }

  /** Everything was handed to the socket; sent is what has left it. */
  sent(): void {
    this.#sentAt = performance.now();
    if (this.#socket?.writableNeedDrain) this.#socket.once('drain', () => (this.#sentAt = performance.now()));
  }

  /** The first byte of an answer came. */
  answered(): void {
    this.#answeredAt ??= performance.now();
  }

  /** It was an interim answer only. */
  answeredForNow(): void {
    this.#answeredAt = null;
  }

  /** The phases, now that it is over; `wait` belongs to the line in front of this and is null here. */
  ended(connection: Connection | null): Timings {
    const now = performance.now();
    const opened = this.reusedConnection ? null : connection?.times;
    const sentAt = this.#sentAt;
    const answeredAt = this.#answeredAt;
    return {
      wait: null,
      dns: opened?.of('dns') ?? null,
      connect: opened?.of('connect') ?? null,
      tls: opened?.of('tls') ?? null,
      send: span(this.#startedAt, sentAt ?? now),
      firstByte: sentAt === null ? null : span(sentAt, answeredAt ?? now),
      receive: span(answeredAt, now),
      total: now - this.#askedAt,
    };
  }
}

function span(from: number | null, to: number): number | null {
  return from === null ? null : Math.max(0, to - from);
}

const PHASES = ['dns', 'connect', 'tls', 'send', 'firstByte', 'receive'] as const;

/** The phases of a whole call: those of its hops added up, null where no hop had one. */
export function totalTimings(hops: readonly Hop[], own: Pick<Timings, 'wait' | 'total'>): Timings {
  const sums = PHASES.map((phase) => [phase, sumOf(hops.map(({ timings }) => timings[phase]))] as const);
  return { ...(Object.fromEntries(sums) as Record<(typeof PHASES)[number], number | null>), ...own };
}

/** The phases of a call that was sent more than once, all its sendings added up; `total` holds what lay between them too. */
export function joinedTimings(sendings: readonly Pick<CallResult, 'hops' | 'timings'>[], total: number): Timings {
  const wait = sumOf(sendings.map(({ timings }) => timings.wait));
  return totalTimings(
    sendings.flatMap(({ hops }) => hops),
    { wait, total },
  );
}

function sumOf(spans: readonly (number | null)[]): number | null {
  const known = spans.filter((ms) => ms !== null);
  return known.length === 0 ? null : known.reduce((sum, ms) => sum + ms, 0);
}
