import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { afterEach } from '@jest/globals';
import { systemClock } from '../../src/kernel/clock.ts';
import type { Answer, CallResult, Outcome } from '../../src/kernel/exchange.ts';
import type { HeaderPairs } from '../../src/kernel/headers.ts';
import type { Logger } from '../../src/kernel/logger.ts';
import { type Masker, REDACTED } from '../../src/kernel/masker.ts';
import type { OutboundCall } from '../../src/kernel/outbound.ts';
import { type ApiClient, createApiClient } from '../../src/outbound/api-client.ts';
import { egressPolicy } from '../../src/outbound/egress-policy.ts';

/** The secret of these tests; nothing that is returned or logged may hold it but the request itself. */
export const TOKEN = 'canary-token-7f3a';

const nothing = new Uint8Array();
const unmasked = () => ({ masked: false, push: (bytes: Uint8Array) => bytes, end: () => nothing });
const mask = (text: string): string => text.replaceAll(TOKEN, REDACTED);

export const masker: Masker = {
  url: mask,
  text: mask,
  headers: (headers) => headers.map(([name, value]) => [name, mask(value)]),
  body: (bytes) => ({ bytes, masked: false }),
  bodyStream: unmasked,
  valueStream: unmasked,
};

/** A logger that keeps its lines. */
export function keptLog(): { logger: Logger; lines: [string, object, string][] } {
  const lines: [string, object, string][] = [];
  const at = (level: string) => (facts: object, sentence: string) => void lines.push([level, facts, sentence]);
  return { lines, logger: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') } };
}

type ClientParts = Parameters<typeof createApiClient>[0];

/** A client that may reach loopback, with whatever the test replaces. */
export function client(parts: Partial<ClientParts> = {}): ApiClient {
  return createApiClient({
    clock: systemClock,
    egress: egressPolicy({ entries: ['loopback'], ownPorts: () => [] }),
    logger: keptLog().logger,
    refuseIfInTransaction: () => {},
    limits: { width: 64, line: 256, connectMs: 2000 },
    ...parts,
  });
}

interface CallParts extends Partial<Omit<OutboundCall, 'request'>> {
  method?: string;
  headers?: HeaderPairs;
  body?: Uint8Array | null;
}

/** A call to a URL; its own origin is the connection's. */
export function callTo(
  url: string,
  { method = 'GET', headers = [], body = null, ...rest }: CallParts = {},
): OutboundCall {
  return {
    request: { method, url, headers, body },
    lane: { key: 'lane', width: 64 },
    deadlineMs: 5000,
    keepBytes: 1_000_000,
    maxBytes: 10_000_000,
    redirects: 'follow',
    origins: [URL.parse(url)?.origin ?? 'null'],
    credentialHeaders: [],
    masker,
    ...rest,
  };
}

/** A server on a free loopback port. */
export interface Running {
  readonly origin: string;
  readonly port: number;
  /** Connections it has taken so far. */
  connections(): number;
  stop(): Promise<void>;
}

export function httpServer(listener: RequestListener): Promise<Running> {
  return running(createHttpServer(listener), 'http');
}

/** A server that speaks bytes; `answer` gets the socket once a request's head has come. */
export function rawServer(answer: (socket: Socket, head: string) => void): Promise<Running> {
  const server = createTcpServer((socket) => {
    socket.on('error', () => {});
    let head = '';
    socket.on('data', (chunk) => {
      head += chunk.toString('latin1');
      if (!head.includes('\r\n\r\n')) return;
      answer(socket, head);
      head = '';
    });
  });
  return running(server, 'http');
}

export async function running(server: Server, scheme: 'http' | 'https'): Promise<Running> {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `${scheme}://127.0.0.1:${port}`,
    port,
    connections: () => connections,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Takes servers and clients and ends them after the test, the last one first. */
export function ownParts(): <T extends Running | ApiClient>(part: T) => T {
  const started: (Running | ApiClient)[] = [];
  afterEach(async () => {
    for (const part of started.splice(0)) {
      if ('stop' in part) await part.stop();
      else {
        part.abortAll();
        await part.close();
      }
    }
  });
  return (part) => {
    started.unshift(part);
    return part;
  };
}

/** The answer of a call that got one; throws for another. */
export function answer({ outcome }: CallResult): Answer {
  if (outcome.kind !== 'answered') throw new Error(`${outcome.reason}: ${outcome.detail}`);
  return outcome;
}

/** The failure of a call that failed; throws for another. */
export function failure({ outcome }: CallResult): Extract<Outcome, { kind: 'failed' }> {
  if (outcome.kind !== 'failed') throw new Error(`answered with ${outcome.status}`);
  return outcome;
}
