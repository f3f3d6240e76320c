import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { PortTaken } from './port-taken.ts';

const LOOPBACK = /^(localhost|::1|127(\.\d{1,3}){3})$/;
const PATIENCE_MS = 1000;

/** Answers one request. */
export type Answerer = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/**
 * A server that listens on this machine only. Callers wait until `answers` is there. Throws `PortTaken`, and
 * `RangeError` for a host that others could reach.
 */
export async function listenOnLoopback(host: string, port: number, answers: Promise<Answerer>): Promise<Server> {
  if (!LOOPBACK.test(host)) throw new RangeError(`The practice API listens on this machine only, not on ${host}.`);
  const server = createServer({ headersTimeout: 15_000, requestTimeout: 60_000, maxHeaderSize: 32 * 1024 });
  server.on('request', (request, response) => void answers.then((answer) => answer(request, response)));
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new PortTaken(host, port, { cause: error });
  }
  return server;
}

/** Stops listening, lets calls under way end for a second, and then cuts them off. */
export async function closed(server: Server): Promise<void> {
  const isClosed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), PATIENCE_MS);
  await isClosed;
  clearTimeout(cut);
}

/** The origin of a listening server. */
export function originOf(server: Server, host: string): string {
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new TypeError('This server does not listen on a port.');
  return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
}
