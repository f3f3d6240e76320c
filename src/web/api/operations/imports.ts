import { z } from 'zod';
import type { ExchangeImport } from '../../../services/exchanges/imports/exchange-import.ts';
import { MOST_HAR_BYTES, MOST_HAR_ENTRIES } from '../../../services/exchanges/imports/har-reader.ts';
import { importedQuery } from '../../presenters/exchange-import.ts';
import { operation, type Operation } from '../operation.ts';
import { harFile } from '../schemas/har.ts';
import { EXCHANGES } from './exchanges.ts';

interface Parts {
  readonly importing: ExchangeImport;
}

const imported = z
  .strictObject({
    count: z.int().min(1),
    ids: z.array(z.uuid()).meta({ description: 'Of the exchanges, in the order of the file.' }),
    exchanges: z.string().meta({ description: 'The list of imported exchanges of their time.' }),
  })
  .meta({ id: 'Import', description: 'What came in with a file.' });

const LIMITS = `At most ${MOST_HAR_BYTES / 2 ** 20} MiB and ${MOST_HAR_ENTRIES.toLocaleString('en')} entries.`;

/** Calls that somebody else has made, for programs. */
export function importOperations({ importing }: Parts): Operation[] {
  return [
    operation({
      id: 'importHar',
      method: 'post',
      path: `${EXCHANGES}/imports`,
      tag: 'Exchanges',
      summary: 'Import a HAR',
      description:
        'Every entry becomes an exchange of kind `imported`, without a connection, with the times of the file, and with ' +
        'the secrets masked that have a known name or are those of the workspace’s connections. All of them or none: `invalid-input` names the entry, and points to ' +
        `it in the file. ${LIMITS}`,
      role: 'editor',
      body: { schema: harFile, isUnread: true },
      replies: {
        201: {
          description: 'All of it is on record.',
          body: imported,
          headers: { Location: z.string().meta({ description: 'The same as `exchanges`.' }) },
        },
      },
      problems: ['queue-full'],
    }).by(async ({ actor, body }) => {
      const { ids, ...times } = await importing.import(actor, body);
      const exchanges = `${EXCHANGES}?${importedQuery(times)}`;
      return { status: 201, body: { count: ids.length, ids: [...ids], exchanges }, headers: { Location: exchanges } };
    }),
  ];
}
