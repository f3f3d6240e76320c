/** The use of a session in a way that could lose or cross data: always a bug of ours, never an answer for a user. */
export abstract class SessionMisuse extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The session was used where no scope is open. */
export class NoSession extends SessionMisuse {
  constructor() {
    super('There is no session here. Open a scope with withSession(workspaceId, work) and do the work inside it.');
  }
}

/** The session was used after its scope had ended, by a timer, a forgotten promise or a listener. Nothing was written. */
export class SessionEnded extends SessionMisuse {
  constructor(label: string) {
    super(
      `The scope of ${label} has ended and its session with it. ` +
        'Await the work inside the scope, or let it open a scope of its own with withSession().',
    );
  }
}

/** A flush began, or an entity was added or removed, while another flush of the same scope ran. */
export class FlushOverlap extends SessionMisuse {
  constructor(label: string) {
    super(
      `A flush of the scope of ${label} is still running. Await it first: a scope is one unit of work for one task ` +
        'at a time. Give each branch of a Promise.all a scope of its own, and let it return data.',
    );
  }
}

/** The session was used after one of its flushes, or a transaction it had flushed in, failed. `cause` is that failure. */
export class SessionFailed extends SessionMisuse {
  constructor(label: string, cause: unknown) {
    super(
      `A flush in the scope of ${label} failed, so what its session believes is not what the database holds. ` +
        'Call removeSession(), or record the failure in a fresh scope.',
      { cause },
    );
  }
}

/** A scope was opened while the one around it had a transaction open; it could have waited for itself. */
export class ScopeInsideTransaction extends SessionMisuse {
  constructor(label: string) {
    super(
      `The scope of ${label} has a transaction open. Finish it before you open another scope, ` +
        'or do the work in the session you have.',
    );
  }
}

/** A call was about to leave while the scope had a transaction open. Nothing was sent. */
export class CallInsideTransaction extends SessionMisuse {
  constructor(label: string) {
    super(`The scope of ${label} has a transaction open. Commit it before you wait on a network.`);
  }
}

/** A transaction asked for a second connection, and would have waited for itself. */
export class QueryOutsideTransaction extends SessionMisuse {
  constructor(label: string) {
    super(
      `The scope of ${label} has a transaction open here, but this query goes past it and would wait for it for ever. ` +
        'Use `session`, not another fork or a handle taken before the transaction began.',
    );
  }
}

/** Something could have read or written rows of another workspace than the session's. Nothing was written. */
export class WorkspaceCrossed extends SessionMisuse {}

/** The database was written by a newer version of this app. It was left exactly as it was. */
export class DatabaseTooNew extends Error {
  readonly unknownMigrations: readonly string[];

  constructor(path: string, unknownMigrations: readonly string[]) {
    super(
      `The database ${path} was made by a newer version (it knows ${unknownMigrations.join(', ')}). ` +
        'Start that version, or restore a backup made before it. Nothing was changed.',
    );
    this.name = 'DatabaseTooNew';
    this.unknownMigrations = unknownMigrations;
  }
}

/** The database cannot be used as it is: not a database, not readable, or not a place one can be made in. */
export class DatabaseUnusable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DatabaseUnusable';
  }
}

/** There is no place for a new file; `cause` is the system's word. */
export class NoNewFile extends DatabaseUnusable {
  constructor(path: string, cause: unknown) {
    super(`No file can be made at ${path}.`, { cause });
    this.name = 'NoNewFile';
  }
}

/** Other processes of ours use a database that somebody must have to himself. */
export class DatabaseInUse extends Error {
  /** Ids of the processes that live. */
  readonly instances: readonly string[];

  constructor(instances: readonly string[]) {
    super('The database is in use by another process of Callbook. Stop it first. Nothing was changed.');
    this.name = 'DatabaseInUse';
    this.instances = instances;
  }
}
