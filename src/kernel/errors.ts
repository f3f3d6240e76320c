/** Every fault this app raises on purpose. Add a code here and `web/problem-details.ts` stops compiling until it is mapped. */
export type ErrorCode =
  | 'malformed'
  | 'invalid-input'
  | 'method-not-allowed'
  | 'unsupported-media-type'
  | 'no-answer'
  | 'timed-out'
  | 'not-signed-in'
  | 'not-allowed'
  | 'not-found'
  | 'gone'
  | 'conflict'
  | 'consent-needed'
  | 'misconfigured'
  | 'revoked'
  | 'too-large'
  | 'too-many'
  | 'refreshing'
  | 'provider-unavailable'
  | 'queue-full'
  | 'database-busy'
  | 'unexpected';

/** Base of the family: a stable `code` to branch on, a `message` a person may read, `facts` that are safe to show. */
export abstract class AppError extends Error {
  abstract readonly code: ErrorCode;
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(message: string, facts: Record<string, unknown> = {}, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.facts = Object.freeze(facts);
  }
}

/** A row that is not there, or belongs to somebody else: the two look alike from outside. */
export class NotFound extends AppError {
  readonly code = 'not-found';

  constructor(noun: string, id: string) {
    super(`There is no ${noun} "${id}".`, { noun });
  }
}

/** A row that somebody deleted; the message says who and when. */
export class Gone extends AppError {
  readonly code = 'gone';
}

/** One fault of one field. `pointer` is a JSON Pointer (RFC 6901), `detail` one sentence. */
export interface FieldFault {
  readonly pointer: string;
  readonly detail: string;
}

/** Fields that cannot be taken; nothing was saved or sent. */
export class InvalidInput extends AppError {
  readonly code = 'invalid-input';
  readonly errors: readonly FieldFault[];

  constructor(errors: readonly FieldFault[]) {
    super('Some fields need attention.');
    this.errors = errors;
  }
}

/** A request that cannot be read at all. */
export class Malformed extends AppError {
  readonly code = 'malformed';
}

/** Nobody we know is asking; one sentence may say what to come with. */
export class NotSignedIn extends AppError {
  readonly code = 'not-signed-in';

  constructor(message = 'Sign in first.') {
    super(message);
  }
}

export class NotAllowed extends AppError {
  readonly code = 'not-allowed';
}

/** The thing has changed, or exists already. */
export class Conflict extends AppError {
  readonly code = 'conflict';
}

export class TooLarge extends AppError {
  readonly code = 'too-large';
}

/** Too many tries or calls; `retryAfterSeconds` says when to come back. */
export class TooMany extends AppError {
  readonly code = 'too-many';
  readonly retryAfterSeconds: number;

  constructor(message: string, retryAfterSeconds: number) {
    super(message);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The line of calls that wait for a place is full; nothing was sent. */
export class QueueFull extends AppError {
  readonly code = 'queue-full';
  readonly retryAfterSeconds = 1;

  constructor() {
    super('Too many calls are waiting already. Nothing was sent; try again in a moment.');
  }
}

/** The database could not be had in time; nothing was written. */
export class DatabaseBusy extends AppError {
  readonly code = 'database-busy';
  readonly retryAfterSeconds = 1;

  constructor(message = 'The database is busy. Nothing was written; try again in a moment.', options?: ErrorOptions) {
    super(message, {}, options);
  }
}

/** A grant that only a person can mend, by consenting again. */
export class ConsentNeeded extends AppError {
  readonly code = 'consent-needed';
}

/** The provider does not accept how this connection is set up; an edit or a person's renewal tries again. */
export class Misconfigured extends AppError {
  readonly code = 'misconfigured';
}

/** The grant was given back; a person has to consent again. */
export class Revoked extends AppError {
  readonly code = 'revoked';
}

/** Somebody else is renewing the grant and took longer than we wait. */
export class Refreshing extends AppError {
  readonly code = 'refreshing';
  readonly retryAfterSeconds = 5;
}

/** No usable access token can be had from the provider now. */
export class ProviderUnavailable extends AppError {
  readonly code = 'provider-unavailable';
  readonly retryAfterSeconds: number;

  constructor(message: string, retryAfterSeconds: number) {
    super(message);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The API gave no complete answer; `reason` says why, as the record does. */
export class NoAnswer extends AppError {
  readonly code = 'no-answer';
}

/** The API gave no complete answer in time. */
export class TimedOut extends AppError {
  readonly code = 'timed-out';
}
