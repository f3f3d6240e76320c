import type { Database } from 'better-sqlite3';
import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely';
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
  /** Called once, when the connection is given back. */
  readonly onReleased: () => void;
}

/** The database's connection, for as long as one scope holds it. Of no use to anybody else, or afterwards. */
export class HeldConnection implements DatabaseConnection, Hold {
  readonly #parts: Parts;
  #isReleased = false;
  #isInTransaction = false;
  #isMadeDurable = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    parts.scope.hold(this);
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    return this.#whenFree(() => this.#run<R>(sql, parameters));
  }

  /** All rows at once: reading row by row would keep the connection busy for everybody. */
  async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
    yield await this.executeQuery<R>(query);
  }

  /** Commits go to the disk until the connection is given back. Takes effect before a transaction begins. */
  makeDurable(): void {
    this.#parts.database.pragma('synchronous = FULL');
    this.#isMadeDurable = true;
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
    if (this.#isMadeDurable) this.#parts.database.pragma('synchronous = NORMAL');
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
