import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';

/** A real HTTP server on a port of its own, 127.0.0.1 only. */
export interface Listening extends AsyncDisposable {
  readonly origin: string;
  readonly port: number;
}

/** What a listener does with one request; a rejection answers 500 and is kept for `faults`. */
export type Answering = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Starts listening on `port` (0: any free one). Disposal cuts every connection, kept-alive and silent ones too. */
export async function listen(answer: Answering, port = 0): Promise<Listening> {
  const listener: RequestListener = (request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' });
      response.end(error instanceof Error ? error.stack : String(error));
    });
  };
  const server = createServer({ keepAliveTimeout: 60_000, maxHeaderSize: 128 * 1024 }, listener);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server listens on no port.');
  return {
    origin: `http://127.0.0.1:${address.port}`,
    port: address.port,
    [Symbol.asyncDispose]: () => shut(server),
  };
}

async function shut(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
