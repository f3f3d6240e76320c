import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** What a server writes after a request, byte for byte; the connection ends after it. */
export type RawAnswer = Iterable<Buffer>;

/** A server that knows no HTTP: it reads a request's head, takes the path's name, and writes what stands there. */
export interface RawApi extends AsyncDisposable {
  readonly origin: string;
}

/** Starts one on a port of its own. A path of the wrong name cuts the connection. */
export async function openRawApi(answers: Readonly<Record<string, () => RawAnswer>>): Promise<RawApi> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket)).on('error', () => {});
    let head = '';
    const read = (chunk: Buffer) => {
      head += chunk.toString('latin1');
      if (!head.includes('\r\n\r\n')) return;
      socket.off('data', read).resume();
      const answer = answers[head.split(' ', 2)[1]!.slice(1)];
      if (answer) pipeline(Readable.from(answer(), { objectMode: true }), socket).catch(() => socket.destroy());
      else socket.destroy();
    };
    socket.on('data', read);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server listens on no port.');
  return {
    origin: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
