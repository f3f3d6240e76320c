import { Readable } from 'node:stream';
import type { ExportedFile } from '../../services/exchanges/exports/exchange-export.ts';

/** Headers of an export as a file that no browser will run; nobody knows its size before it is written. */
export function exportHeaders({ fileName }: ExportedFile) {
  return {
    'Content-Disposition': `attachment; filename="${fileName}"`,
    'Content-Security-Policy': "sandbox; default-src 'none'",
  };
}

/** An export as it is sent: read no faster than the other end takes it, and no further once that is gone. */
export function exportStream({ pieces }: ExportedFile): Readable {
  return Readable.from(pieces, { objectMode: false });
}
