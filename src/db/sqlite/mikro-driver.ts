import type { Configuration, DriverException, EntityManagerType } from '@mikro-orm/core';
import { AbstractSqlDriver, SqlitePlatform, type SqlEntityManager } from '@mikro-orm/sqlite';
import { AppError } from '../../kernel/errors.ts';
import { SessionMisuse } from '../errors.ts';
import { ScopedEntityManager } from '../scoped-entity-manager.ts';
import { ParameterisedConnection } from './mikro-connection.ts';

/** MikroORM's driver for our dialect: it makes our EntityManagers and lets our own errors through as they are. */
export class ScopedMikroDriver extends AbstractSqlDriver<ParameterisedConnection> {
  declare [EntityManagerType]: SqlEntityManager<this>;

  constructor(config: Configuration) {
    super(config, new SqlitePlatform(), ParameterisedConnection, ['kysely', 'better-sqlite3']);
  }

  override createEntityManager(useContext?: boolean): this[typeof EntityManagerType] {
    return new ScopedEntityManager(this.config, this, this.metadata, useContext) as never;
  }

  override convertException(error: Error): DriverException {
    if (error instanceof AppError || error instanceof SessionMisuse) return error;
    return super.convertException(error);
  }
}
