import { STATUS_CODES } from 'node:http';
import type { Workings } from '../workings.ts';
import { inOneLine } from './terminal/table.ts';

/** An exchange as the services give it. */
export type ShownExchange = Awaited<ReturnType<Workings['history']['show']>>;

/** What came of a call, in a line for people. */
export function statusLine({ exchange }: ShownExchange): string {
  const { id, outcome, status, reason, detail, timings, attempts, responseBody } = exchange;
  const what = outcome === 'answered' ? `${status} ${STATUS_CODES[status ?? 0] ?? ''}`.trim() : `failed (${reason})`;
  const ms = timings ? `${Math.round(timings.total)} ms` : '';
  const again = attempts > 1 ? 'sent again after a 401' : '';
  const cut = responseBody?.truncated ? `the record holds the first ${responseBody.bytes} bytes of the body` : '';
  const line = [what, ms, again, cut, `exchange ${id}`].filter(Boolean).join(', ');
  return detail ? `${inOneLine(detail)}\n${line}` : line;
}

/** The answer's status and headers as they came, and the empty line that ends them. */
export function headLines({ exchange: { status, responseHeaders } }: ShownExchange): string {
  if (!responseHeaders) return '';
  const lines = responseHeaders.map(([name, value]) => `${name}: ${value}`);
  return [`HTTP ${status} ${STATUS_CODES[status ?? 0] ?? ''}`.trim(), ...lines, '', ''].join('\r\n');
}

/** An exchange for programs as the JSON API has it, with the body of its answer as text or, where it is none, in base64. */
export function exchangeJson({ document, responseBody }: ShownExchange) {
  return { ...document, ...bodyJson(document.responseBody ? (responseBody ?? Buffer.alloc(0)) : null) };
}

function bodyJson(bytes: Buffer | null) {
  if (bytes === null) return { body: null };
  try {
    return { body: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { bodyBase64: bytes.toString('base64') };
  }
}
