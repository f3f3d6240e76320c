import type { Database } from 'better-sqlite3';
import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely';
import type { Durability } from '../durable.ts';
import { currentScope, here, type Hold, type Scope } from '../scope.ts';
import { SessionEnded } from '../errors.ts';
import { whenFree } from './busy.ts';
import { asStorable } from './parameters.ts';
import type { Statements } from './statements.ts';

/** What a held connection works with. */
interface Parts {
  readonly scope: Scope;
  readonly database: Database;
  readonly statements: Statements;
  readonly busyLimitMs: number;
  /** What commits promise unless something else is asked for. */
  readonly durability: Durability;
  /** Called once, when the connection is given back. */
  readonly onReleased: () => void;
}

/** The database's connection, for as long as one scope holds it. Of no use to anybody else, or afterwards. */
export class HeldConnection implements DatabaseConnection, Hold {
  readonly #parts: Parts;
  #isReleased = false;
  #isInTransaction = false;
  #promised: Durability;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#promised = parts.durability;
    parts.scope.hold(this);
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    return this.#whenFree(() => this.#run<R>(sql, parameters));
  }

  /** All rows at once: reading row by row would keep the connection busy for everybody. */
  async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    yield await this.executeQuery<R>(query);
  }

  /** What commits promise until the connection is given back. Takes effect before a transaction begins. */
  promise(durability: Durability): void {
    if (durability === this.#promised) return;
    this.#parts.database.pragma(`synchronous = ${durability}`);
    this.#promised = durability;
  }

  /** Begins with the write lock in hand, so that no read before a write can find the database moved on. */
  async begin(): Promise<void> {
    await this.#whenFree(() => {
      this.#rollBackQuietly();
      this.#parts.database.exec('BEGIN IMMEDIATE');
    });
    this.#isInTransaction = true;
    this.#parts.scope.transactionBegan();
  }

  async commit(): Promise<void> {
    await this.#whenFree(() => this.#parts.database.exec('COMMIT'));
    this.#noteEnd();
  }

  /** Never throws: what made us roll back is what the caller wants to know. */
  rollback(): void {
    if (this.#isReleased) return;
    this.#rollBackQuietly();
    this.#noteEnd();
  }

  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#rollBackQuietly();
    this.promise(this.#parts.durability);
    this.#noteEnd();
    this.#parts.scope.release(this);
    this.#parts.onReleased();
  }

  tear(): void {
    this.release();
  }

  #run<R>(sql: string, parameters: readonly unknown[]): QueryResult<R> {
    const statement = this.#parts.statements.prepare(sql);
    const values = parameters.map(asStorable);
    if (statement.reader) return { rows: statement.all(...values) as R[] };
    const { changes, lastInsertRowid } = statement.run(...values);
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
  }

  async #whenFree<T>(attempt: () => T): Promise<T> {
    return whenFree(() => {
      this.#refuseStranger();
      return attempt();
    }, this.#parts.busyLimitMs);
  }

  #refuseStranger(): void {
    if (this.#isReleased || currentScope() !== this.#parts.scope) {
      here();
      throw new SessionEnded(this.#parts.scope.label);
    }
  }

  #rollBackQuietly(): void {
    try {
      if (this.#parts.database.inTransaction) this.#parts.database.exec('ROLLBACK');
    } catch {
      // The engine has rolled back by itself, or the file is gone: there is nothing left to undo.
    }
  }

  #noteEnd(): void {
    if (!this.#isInTransaction) return;
    this.#isInTransaction = false;
    this.#parts.scope.transactionEnded();
  }
}
