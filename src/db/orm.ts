import { MikroORM } from '@mikro-orm/core';
import type { EntityManager, SqliteDriver } from '@mikro-orm/sqlite';
import type { Kysely } from 'kysely';
import { systemClock } from '../kernel/clock.ts';
import type { EpochFile } from '../kernel/epoch-file.ts';
import { idsBy } from '../kernel/ids.ts';
import type { Instances } from '../kernel/instance.ts';
import type { Logger } from '../kernel/logger.ts';
import type { Search } from '../kernel/search.ts';
import type { Spill } from '../kernel/spill.ts';
import { epochFileOf } from './epoch-file.ts';
import { bindSource, here, unbindSource, type Scope, type SessionSource } from './scope.ts';
import type { ScopedEntityManager } from './scoped-entity-manager.ts';
import { SqliteEngine, type SqliteOptions } from './sqlite/engine.ts';
import type { LockedInstances } from './sqlite/instances.ts';
import type { Upkeep } from './sqlite/upkeep.ts';
import { withSystem } from './system.ts';

/** How a database is opened. */
export interface DatabaseOptions extends SqliteOptions {
  /** Gets a warning when a scope ends with changes that were never flushed. Leave it out in production. */
  readonly logger?: Logger;
}

/** An open database. A process has one at a time; scopes use it by `db/session.ts`. */
export interface Database {
  /** The ORM itself, for tools and for tests of the schema. */
  readonly orm: MikroORM;
  readonly instances: Instances;
  readonly spill: Spill;
  readonly epochFile: EpochFile;
  readonly search: Search;
  /** Brings the schema up to date and names the migrations that were applied. Processes may start together. */
  migrate(): Promise<{ readonly applied: readonly string[] }>;
  /** Moves what was written from the log into the file, aside, where that is much; for a server, again and again. */
  checkpoint(): Promise<boolean>;
  /** Merges about so many pages of the index of words, aside; true where more is left. */
  mergeWords(pages: number): Promise<boolean>;
  /** True when the database answers. */
  isReady(): Promise<boolean>;
  close(): Promise<void>;
}

/**
 * Opens the database and makes scopes use it. Throws `DatabaseTooNew` or `DatabaseUnusable`, having changed nothing,
 * and a plain error when this process has a database open already.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const engine = new SqliteEngine(options);
  const source = new OrmSource(options.logger);
  bindSource(source);
  let instances: LockedInstances | undefined;
  try {
    await engine.check();
    const orm = await source.build(engine);
    instances = await engine.openInstances(idsBy(systemClock)());
    await withSystem(() => orm.connect());
    return new OpenDatabase({ engine, source, orm, instances });
  } catch (error) {
    instances?.close();
    unbindSource(source);
    throw error;
  }
}

interface Parts {
  readonly engine: SqliteEngine;
  readonly source: OrmSource;
  readonly orm: MikroORM;
  readonly instances: LockedInstances;
}

class OpenDatabase implements Database {
  readonly #parts: Parts;
  #isClosed = false;
  readonly orm: MikroORM;
  readonly instances: Instances;
  readonly spill: Spill;
  readonly epochFile: EpochFile;
  readonly search: Search;
  readonly #upkeep: Upkeep;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.orm = parts.orm;
    this.instances = parts.instances;
    this.epochFile = epochFileOf(parts.engine.path);
    this.spill = parts.engine.spillOf(parts.instances);
    this.search = parts.engine.openSearch();
    this.#upkeep = parts.engine.openUpkeep();
  }

  async migrate(): Promise<{ readonly applied: readonly string[] }> {
    const { engine, orm } = this.#parts;
    const done = await engine.whileMigrating(() => withSystem(() => orm.migrator.up(), { label: 'the migration' }));
    return { applied: done.map(({ name }) => name) };
  }

  async checkpoint(): Promise<boolean> {
    return !this.#isClosed && this.#upkeep.checkpoint();
  }

  async mergeWords(pages: number): Promise<boolean> {
    return !this.#isClosed && this.#upkeep.mergeWords(pages);
  }

  async isReady(): Promise<boolean> {
    if (this.#isClosed) return false;
    return withSystem(() => this.orm.isConnected(), { label: 'the readiness check' });
  }

  async close(): Promise<void> {
    const { source, orm, instances } = this.#parts;
    if (this.#isClosed) return;
    this.#isClosed = true;
    unbindSource(source);
    await Promise.all([this.search.close(), this.#upkeep.close()]);
    await orm.close(true);
    await this.spill.close();
    instances.close();
  }
}

/** Makes the sessions of scopes from MikroORM, and answers its question which session is the current one. */
class OrmSource implements SessionSource {
  readonly #logger: Logger | undefined;
  #orm: MikroORM | undefined;
  /** While the ORM builds itself or a fork, it asks for a context that is not there yet. */
  #isBuilding = false;

  constructor(logger: Logger | undefined) {
    this.#logger = logger;
  }

  async build(engine: SqliteEngine): Promise<MikroORM> {
    this.#isBuilding = true;
    try {
      const context = () => (this.#isBuilding ? undefined : here().session);
      this.#orm = await MikroORM.init(engine.ormOptions(context));
      return this.#orm;
    } finally {
      this.#isBuilding = false;
    }
  }

  kysely(): Kysely<never> {
    return (this.#open().em.getDriver() as SqliteDriver).getConnection().getClient<never>();
  }

  make(_scope: Scope): EntityManager {
    const orm = this.#open();
    this.#isBuilding = true;
    try {
      return orm.em.fork({ disableContextResolution: true, useContext: true }) as EntityManager;
    } finally {
      this.#isBuilding = false;
    }
  }

  #open(): MikroORM {
    if (!this.#orm) throw new Error('The database is still being opened.');
    return this.#orm;
  }

  forget(session: EntityManager): void {
    (session as unknown as ScopedEntityManager).forget();
  }

  reportUnflushed(scope: Scope, session: EntityManager): void {
    if (!this.#logger) return;
    const work = session.getUnitOfWork(false);
    work.computeChangeSets();
    const entities = work.getChangeSets().map(({ meta, type }) => `${type} ${meta.className}`);
    if (entities.length > 0) {
      this.#logger.warn({ scope: scope.label, entities }, 'A scope ended with changes that were never flushed.');
    }
  }
}
