import { copiedRequest } from '../../services/exchanges/copies/copied-request.ts';
import { COPY_FORMATS, type CopyFormat } from '../../services/exchanges/copies/copy-formats.ts';
import type { Exchange } from '../../model/exchange.ts';
import { exchangeRow } from './exchange-row.ts';

/** An exchange, with what is kept of its request's body, and the format its request is spelled in. */
export interface ExchangeCopyParts {
  readonly exchange: Exchange;
  readonly requestBytes: Uint8Array | null;
  readonly format: CopyFormat;
}

/** What the page of a request in another format shows. */
export function exchangeCopy({ exchange, requestBytes, format }: ExchangeCopyParts, now: Date) {
  const { href, method, path } = exchangeRow(exchange, now);
  const request = copiedRequest(exchange, requestBytes);
  const at = (id: string) => `${href}/as/${id}`;
  return {
    title: `${method} ${path} as ${format.label}`,
    href,
    call: `${method} ${path}`,
    label: format.label,
    text: format.write(request).toString(),
    notes: request.notes,
    /** The body of a message is bytes, and not every program keeps the CR LF of a text that is pasted. */
    isMessage: format.ending === 'http',
    fileHref: `${at(format.id)}/file`,
    bodyHref: request.body?.bytes === null ? `${href}/request-body` : null,
    formats: COPY_FORMATS.map(({ id, label }) => ({ label, href: at(id), isChosen: id === format.id })),
  };
}

/** The same as a file: its name, and its bytes. */
export function exchangeCopyFile({ exchange, requestBytes, format }: ExchangeCopyParts) {
  const bytes = Buffer.from(format.write(copiedRequest(exchange, requestBytes)));
  return { fileName: `${exchange.id}.${format.ending}`, bytes };
}
