import { AsyncLocalStorage } from 'node:async_hooks';
import type { EntityManager } from '@mikro-orm/sqlite';
import type { Kysely } from 'kysely';
import {
  CallInsideTransaction,
  FlushOverlap,
  NoSession,
  ScopeInsideTransaction,
  SessionEnded,
  SessionFailed,
} from './errors.ts';

/** A connection that a scope holds now. `tear` rolls back what is open on it and gives it back, at once and for good. */
export interface Hold {
  tear(): void;
}

/** What an open database gives to scopes: sessions, and a look at what one would write. */
export interface SessionSource {
  /** Queries past every session, on a connection of their own; the engine asks for the scope all the same. */
  kysely(): Kysely<never>;
  /** A clean EntityManager, bound to the scope's workspace or, for the system's, to none. */
  make(scope: Scope): EntityManager;
  /** Drops everything a session holds; writes nothing. */
  forget(session: EntityManager): void;
  /** Names what the session has not written yet. */
  reportUnflushed(scope: Scope, session: EntityManager): void;
}

/** Holds the session of one scope: made on first use, dropped by `remove()`, refused after `end()`. */
export class Scope {
  /** The workspace everything here belongs to; null in a system scope. */
  readonly workspaceId: string | null;
  readonly label: string;
  readonly #source: SessionSource;
  readonly #holds = new Set<Hold>();
  #session: EntityManager | undefined;
  #ended = false;
  #flushing = false;
  #failure: { readonly cause: unknown } | undefined;
  #transactions = 0;
  #writes = 0;

  constructor(source: SessionSource, workspaceId: string | null, label: string) {
    this.#source = source;
    this.workspaceId = workspaceId;
    this.label = label;
  }

  get session(): EntityManager {
    this.refuseIfEnded();
    this.refuseIfFailed();
    return (this.#session ??= this.#source.make(this));
  }

  /** What named queries run on: the transaction that is open here, or no session at all, since they need none of it. */
  get kysely(): Kysely<never> {
    if (this.isInTransaction) return this.session.getKysely<never>();
    this.refuseIfEnded();
    this.refuseIfFailed();
    return this.#source.kysely();
  }

  /** How many change sets were flushed so far; tells whether a transaction that failed had written. */
  get writes(): number {
    return this.#writes;
  }

  get isInTransaction(): boolean {
    return this.#transactions > 0;
  }

  /** True after `session.begin()`, which opens a transaction for the whole scope and not only for a block. */
  get hasBegun(): boolean {
    return this.#session?.isInTransaction() ?? false;
  }

  refuseIfEnded(): void {
    if (this.#ended) throw new SessionEnded(this.label);
  }

  refuseIfFailed(): void {
    if (this.#failure) throw new SessionFailed(this.label, this.#failure.cause);
  }

  refuseWhileFlushing(): void {
    if (this.#flushing) throw new FlushOverlap(this.label);
  }

  /** Runs one flush, alone. When it fails the session is of no more use. */
  async flush(work: () => Promise<void>): Promise<void> {
    this.refuseIfEnded();
    this.refuseIfFailed();
    this.refuseWhileFlushing();
    this.#flushing = true;
    try {
      await work();
    } catch (error) {
      this.fail(error);
      throw error;
    } finally {
      this.#flushing = false;
    }
  }

  noteWrites(changeSets: number): void {
    this.#writes += changeSets;
  }

  fail(cause: unknown): void {
    this.#failure ??= { cause };
  }

  hold(connection: Hold): void {
    this.#holds.add(connection);
  }

  release(connection: Hold): void {
    this.#holds.delete(connection);
  }

  transactionBegan(): void {
    this.#transactions += 1;
  }

  transactionEnded(): void {
    this.#transactions -= 1;
  }

  /** Rolls back, forgets the session; the next use makes a new one. */
  remove(): void {
    for (const connection of this.#holds) connection.tear();
    const session = this.#session;
    this.#session = undefined;
    this.#failure = undefined;
    if (session) this.#source.forget(session);
  }

  /** As `remove`, and refuses every later use. `done` is false when the work failed. */
  end(done: boolean): void {
    if (done && this.#session && !this.#failure) this.#source.reportUnflushed(this, this.#session);
    this.#ended = true;
    this.remove();
  }
}

const scopes = new AsyncLocalStorage<Scope>();

/** Taken when this module loads, so that a scope inherits nothing: no other scope, no transaction of the ORM. */
const inNoContext = AsyncLocalStorage.snapshot();

let open: SessionSource | undefined;

/** Makes scopes use this database. Throws when one is open already: a process has one. */
export function bindSource(source: SessionSource): void {
  if (open) throw new Error('A database is open in this process already. Close it before you open another.');
  open = source;
}

/** Forgets the database, so that another can be opened. */
export function unbindSource(source: SessionSource): void {
  if (open === source) open = undefined;
}

/** The scope we are in, ended or not, or undefined. */
export function currentScope(): Scope | undefined {
  return scopes.getStore();
}

/** The scope we are in, which must not have ended. Throws `NoSession` and `SessionEnded`. */
export function here(): Scope {
  const scope = scopes.getStore();
  if (!scope) throw new NoSession();
  scope.refuseIfEnded();
  return scope;
}

/** Runs `work` in a scope of its own and ends the scope afterwards, whatever happened. Never flushes. */
export async function inScope<T>(workspaceId: string | null, label: string, work: () => Promise<T>): Promise<T> {
  if (!open) throw new Error('No database is open. Call openDatabase() first.');
  const around = scopes.getStore();
  if (around?.isInTransaction) throw new ScopeInsideTransaction(around.label);
  const scope = new Scope(open, workspaceId, label);
  return inNoContext(() => scopes.run(scope, () => untilEnd(scope, work)));
}

async function untilEnd<T>(scope: Scope, work: () => Promise<T>): Promise<T> {
  let done = false;
  try {
    const result = await work();
    done = true;
    return result;
  } finally {
    scope.end(done);
  }
}

/** Throws `CallInsideTransaction` when the scope we are in has a transaction open. */
export function refuseIfInTransaction(): void {
  const scope = scopes.getStore();
  if (scope?.isInTransaction) throw new CallInsideTransaction(scope.label);
}
