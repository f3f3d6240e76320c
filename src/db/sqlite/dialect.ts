import {
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type DatabaseIntrospector,
  type Dialect,
  type Driver,
  type Kysely,
  type QueryCompiler,
} from 'kysely';
import { ScopedSqliteDriver, type DriverParts } from './driver.ts';

/** SQLite for Kysely and MikroORM, with a connection that belongs to scopes. */
export class ScopedSqliteDialect implements Dialect {
  readonly #parts: DriverParts;

  constructor(parts: DriverParts) {
    this.#parts = parts;
  }

  createDriver(): Driver {
    return new ScopedSqliteDriver(this.#parts);
  }

  createQueryCompiler(): QueryCompiler {
    return new SqliteQueryCompiler();
  }

  createAdapter(): SqliteAdapter {
    return new LinedUpAdapter();
  }

  createIntrospector(db: Kysely<unknown>): DatabaseIntrospector {
    return new SqliteIntrospector(db);
  }
}

/** Our driver has a line of its own. Kysely's mutex would stand before it, and one throw would lock it for ever. */
class LinedUpAdapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}
