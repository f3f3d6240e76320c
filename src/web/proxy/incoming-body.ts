import type { IncomingMessage } from 'node:http';
import type { IncomingBody } from '../../services/exchanges/relay-source.ts';

/** The body of a request that nobody has read, piece by piece; null where none was announced (RFC 9112, section 6.3). */
export function incomingBody(request: IncomingMessage): IncomingBody | null {
  const announced = request.headers['content-length'];
  const bytes = announced === undefined ? null : Number(announced);
  if (bytes === 0 || (bytes === null && request.headers['transfer-encoding'] === undefined)) return null;
  return { bytes, next: () => nextOf(request) };
}

async function nextOf(request: IncomingMessage): Promise<Uint8Array | null> {
  for (;;) {
    const chunk = request.read() as Buffer | null;
    if (chunk) return chunk;
    if (request.readableEnded) return null;
    if (request.destroyed) throw new Error('The client left before its request was complete.');
    await changed(request);
  }
}

/** Resolves when there is more to read, or nothing will come any more. */
function changed(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    const events = ['readable', 'end', 'close'] as const;
    const settle = () => {
      for (const event of events) request.off(event, settle);
      resolve();
    };
    for (const event of events) request.on(event, settle);
  });
}
