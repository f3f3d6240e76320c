import { TransactionContext } from '@mikro-orm/core';
import type { Database } from 'better-sqlite3';
import { CompiledQuery, type Driver, type QueryCompiler } from 'kysely';
import { type Durability, durability } from '../durable.ts';
import { QueryOutsideTransaction } from '../errors.ts';
import { here, type Scope } from '../scope.ts';
import { HeldConnection } from './held-connection.ts';
import { Line } from './line.ts';
import { Statements } from './statements.ts';

/** What the driver works with. */
export interface DriverParts {
  /** Opens the file and sets its pragmas; called once, at the first use. */
  readonly open: () => Promise<Database>;
  /** Longest wait for the connection, and for another process's lock. */
  readonly acquireLimitMs: number;
  readonly busyLimitMs: () => number;
  readonly durability: Durability;
}

/** Gives the one connection to one scope at a time, first come, first served. */
export class ScopedSqliteDriver implements Driver {
  readonly #parts: DriverParts;
  readonly #line: Line;
  #database: Database | undefined;
  #statements: Statements | undefined;

  constructor(parts: DriverParts) {
    this.#parts = parts;
    this.#line = new Line(parts.acquireLimitMs);
  }

  async init(): Promise<void> {
    this.#database ??= await this.#parts.open();
    this.#statements ??= new Statements(this.#database);
  }

  async acquireConnection(): Promise<HeldConnection> {
    const scope = here();
    refuseSecondConnection(scope);
    await this.#line.enter();
    try {
      return this.#hold(scope);
    } catch (error) {
      this.#line.leave();
      throw error;
    }
  }

  async beginTransaction(connection: HeldConnection): Promise<void> {
    connection.promise(durability.getStore() ?? this.#parts.durability);
    await connection.begin();
  }

  async commitTransaction(connection: HeldConnection): Promise<void> {
    await connection.commit();
  }

  async rollbackTransaction(connection: HeldConnection): Promise<void> {
    connection.rollback();
  }

  async savepoint(connection: HeldConnection, name: string): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw(`SAVEPOINT "${name}"`));
  }

  async rollbackToSavepoint(connection: HeldConnection, name: string): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw(`ROLLBACK TO "${name}"`));
  }

  async releaseSavepoint(
    connection: HeldConnection,
    name: string,
    _compile: QueryCompiler['compileQuery'],
  ): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw(`RELEASE "${name}"`));
  }

  async releaseConnection(connection: HeldConnection): Promise<void> {
    connection.release();
  }

  async destroy(): Promise<void> {
    this.#statements?.clear();
    this.#database?.close();
  }

  #hold(scope: Scope): HeldConnection {
    scope.refuseIfEnded();
    if (!this.#database || !this.#statements) throw new Error('The database is not open.');
    return new HeldConnection({
      scope,
      database: this.#database,
      statements: this.#statements,
      busyLimitMs: this.#parts.busyLimitMs(),
      durability: this.#parts.durability,
      onReleased: () => this.#line.leave(),
    });
  }
}

/** Inside a transaction its own connection serves; whoever asks for another one would wait for itself. */
function refuseSecondConnection(scope: Scope): void {
  if (scope.isInTransaction && (TransactionContext.currentTransactionContext() || scope.hasBegun)) {
    throw new QueryOutsideTransaction(scope.label);
  }
}
