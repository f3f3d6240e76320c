import { ConfigError } from '../../config.ts';
import { AppError, type ErrorCode, InvalidInput } from '../../kernel/errors.ts';
import { EXIT } from './terminal.ts';

/** Arguments that cannot be taken: what is wrong with them, and how the command is written. */
export class WrongUse extends Error {
  constructor(message: string, usage = '') {
    super([message, usage].filter(Boolean).join('\n'));
    this.name = 'WrongUse';
  }
}

/** Somebody changed their mind. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';

  constructor() {
    super('Cancelled. Nothing was changed.');
  }
}

/** What every fault we raise on purpose comes to at the command line. */
const EXITS: Readonly<Record<ErrorCode, number>> = {
  malformed: EXIT.wrongUse,
  'invalid-input': EXIT.wrongUse,
  'method-not-allowed': EXIT.wrongUse,
  'unsupported-media-type': EXIT.wrongUse,
  'not-found': EXIT.wrongUse,
  'too-large': EXIT.wrongUse,
  'not-signed-in': EXIT.no,
  'not-allowed': EXIT.no,
  gone: EXIT.no,
  conflict: EXIT.no,
  'consent-needed': EXIT.no,
  misconfigured: EXIT.no,
  revoked: EXIT.no,
  'no-answer': EXIT.notNow,
  'timed-out': EXIT.notNow,
  'too-many': EXIT.notNow,
  refreshing: EXIT.notNow,
  'provider-unavailable': EXIT.notNow,
  'queue-full': EXIT.notNow,
  'database-busy': EXIT.notNow,
  unexpected: EXIT.notNow,
};

/** What the process ends with after this was thrown. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof WrongUse || error instanceof ConfigError) return EXIT.wrongUse;
  if (error instanceof Cancelled) return EXIT.no;
  return error instanceof AppError ? EXITS[error.code] : EXIT.notNow;
}

/** What a person is told of it: sentences, and no stack. */
export function sentenceOf(error: unknown): string {
  if (error instanceof InvalidInput) return error.errors.map(({ detail }) => detail).join('\n');
  return Error.isError(error) ? error.message : String(error);
}
