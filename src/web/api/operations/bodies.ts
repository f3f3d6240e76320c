import { Readable } from 'node:stream';
import { z } from 'zod';
import type { ExchangeHistory } from '../../../services/exchanges/exchange-history.ts';
import { bodyFileHeaders, bodyFileName } from '../../presenters/body-file.ts';
import { OCTETS, operation, type Operation } from '../operation.ts';
import { exchangePath } from '../schemas/exchange.ts';
import { EXCHANGES } from './exchanges.ts';

interface Parts {
  readonly history: ExchangeHistory;
}

const FILE = {
  description: 'The bytes that are kept, as a file. They are read while they are sent.',
  body: OCTETS,
  headers: {
    'Content-Disposition': z.string().meta({ description: 'What to call the file.' }),
    'Content-Security-Policy': z.string().meta({ description: 'Keeps a browser from running it.' }),
    'Content-Length': z.string().meta({ description: 'How many bytes are kept.' }),
  },
} as const;

/** Kept bodies for programs, byte for byte. */
export function bodyOperations({ history }: Parts): Operation[] {
  return (['request', 'response'] as const).map((side) =>
    operation({
      id: side === 'request' ? 'getRequestBody' : 'getResponseBody',
      method: 'get',
      path: `${EXCHANGES}/{id}/${side}-body`,
      tag: 'Exchanges',
      summary: side === 'request' ? 'Get the body that was sent' : 'Get the body that came back',
      description: 'As it is kept: where a secret was, `*redacted*` stands. Nothing else is changed.',
      role: 'viewer',
      params: exchangePath,
      replies: { 200: FILE },
      problems: ['not-found', 'gone'],
    }).by(async ({ params }) => {
      const { exchange, bytes, pieces } = await history.body(params.id, side);
      const headers = bodyFileHeaders(bodyFileName(exchange, side), bytes);
      return { status: 200, body: Readable.from(pieces, { objectMode: false }), headers };
    }),
  );
}
