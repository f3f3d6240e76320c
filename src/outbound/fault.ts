import type { FailureReason } from '../kernel/exchange.ts';

/** Why a call ended without a complete answer. Holds nothing of the request; never leaves this ring. */
export class Fault extends Error {
  readonly reason: FailureReason;

  constructor(reason: FailureReason, sentence: string) {
    super(sentence);
    this.name = 'Fault';
    this.reason = reason;
  }
}

/** What a fault of the network or of undici means once a connection stands; the error itself is not kept. */
export function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const code = codeOf(error);
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return new Fault('too-large', "The answer's headers are too large.");
  if (code === 'UND_ERR_INVALID_ARG' || code === 'UND_ERR_NOT_SUPPORTED') {
    return new Fault('protocol', 'The request cannot be written as HTTP/1.1.');
  }
  if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH' || code.startsWith('HPE_')) {
    return new Fault('protocol', 'The answer is no valid HTTP.');
  }
  return new Fault('protocol', 'The connection was closed before the answer was complete.');
}

/** True where the other side closed the connection and gave no reason. */
export function isClosed(error: unknown): boolean {
  return /^(UND_ERR_SOCKET|ECONNRESET|EPIPE)$/.test(codeOf(error));
}

/** The code of a Node or undici error, or an empty text. */
export function codeOf(error: unknown): string {
  const code: unknown = Error.isError(error) && 'code' in error ? error.code : '';
  return typeof code === 'string' ? code : '';
}
