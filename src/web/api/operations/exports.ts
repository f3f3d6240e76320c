import { z } from 'zod';
import type { ExchangeExport } from '../../../services/exchanges/exports/exchange-export.ts';
import { EXPORT_FORMATS, type ExportFormat } from '../../../services/exchanges/exports/export-formats.ts';
import { NothingToExport } from '../../errors.ts';
import { historyFilter, selectionOf } from '../../forms/history-query.ts';
import { exportHeaders, exportStream } from '../../presenters/export-file.ts';
import { OCTETS, operation, type Operation } from '../operation.ts';
import { harFile } from '../schemas/har.ts';
import { EXCHANGES } from './exchanges.ts';

interface Parts {
  readonly exporting: ExchangeExport;
}

/** How each format is told of. */
const SAID: Readonly<Record<ExportFormat['id'], { id: string; summary: string; description: string }>> = {
  har: {
    id: 'exportHar',
    summary: 'Export exchanges as HAR',
    description:
      'HAR 1.2, which browsers and other tools open. What HAR has no word for stands in `_callbook` of an entry; a call ' +
      'of several requests is one entry.',
  },
  jsonl: {
    id: 'exportJsonLines',
    summary: 'Export exchanges as JSON lines',
    description:
      'Each line is an `Exchange` in JSON, and in its `requestBody` and `responseBody` stands the kept body: as `text`, ' +
      'or as `base64` where the bytes are not UTF-8.',
  },
  csv: {
    id: 'exportCsv',
    summary: 'Export exchanges as CSV',
    description:
      'The columns of the history (RFC 4180), in UTF-8 with a byte order mark, without which spreadsheets take it for ' +
      'something else. An apostrophe stands before a text that a spreadsheet would take for a formula.',
  },
};

/** Selections of the history as files, for programs. */
export function exportOperations({ exporting }: Parts): Operation[] {
  return EXPORT_FORMATS.map((format) => {
    const { id, summary, description } = SAID[format.id];
    return operation({
      id,
      method: 'get',
      path: `${EXCHANGES}.${format.id}`,
      tag: 'Exchanges',
      summary,
      description: `${description} The selection is that of the list, newest first, and all of it: there are no pages. It is read while it is sent; an answer that breaks off is not whole. \`not-found\`: nothing matches.`,
      role: 'viewer',
      query: historyFilter,
      replies: {
        200: {
          description: 'The file.',
          body: OCTETS,
          mediaType: format.mediaType,
          ...(format.id === 'har' && { reads: harFile }),
          headers: {
            'Content-Disposition': z.string().meta({ description: 'What to call the file.' }),
            'Content-Security-Policy': z.string().meta({ description: 'Keeps a browser from running it.' }),
          },
        },
      },
      problems: ['not-found'],
    }).by(async ({ actor, query, left }) => {
      const file = await exporting.begin(actor.workspaceId, selectionOf(query), format, left);
      if (!file) throw new NothingToExport();
      return { status: 200, body: exportStream(file), headers: exportHeaders(file) };
    });
  });
}
