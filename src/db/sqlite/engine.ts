import { join } from 'node:path';
import { FlushMode, type Options } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/sqlite';
import { entities } from '../../model/entities.ts';
import { Migrator } from '@mikro-orm/migrations';
import type { Instances } from '../../kernel/instance.ts';
import type { Search } from '../../kernel/search.ts';
import { DatabaseUnusable } from '../errors.ts';
import { flushGuard } from '../flush-guard.ts';
import { SpillFolder } from '../spill/spill-folder.ts';
import { ScopedSqliteDialect } from './dialect.ts';
import { checkFile, openFile } from './file.ts';
import { FileLock } from './file-lock.ts';
import { instancesFolder, LockedInstances } from './instances.ts';
import { ScopedMikroDriver } from './mikro-driver.ts';
import { SearchThread } from './search/search-thread.ts';
import { Upkeep } from './upkeep.ts';
import { workspaceGuard } from '../workspace-guard.ts';
import { migrations } from './migrations/index.ts';

const BUSY_LIMIT_MS = 5_000;
const MIGRATION_LIMIT_MS = 30_000;
const SCHEME = 'sqlite:';

/** What an engine is opened with. */
export interface SqliteOptions {
  /** `sqlite:` and the path of a file. */
  readonly url: string;
  readonly durability: 'full' | 'normal';
  readonly acquireTimeoutMs?: number;
}

/** One SQLite file as the ORM needs it: its configuration, its neighbours, and peace while it is migrated. */
export class SqliteEngine {
  readonly path: string;
  readonly #options: SqliteOptions;
  #busyLimitMs: number;

  constructor(options: SqliteOptions) {
    this.path = pathOf(options.url);
    this.#options = options;
    this.#busyLimitMs = options.acquireTimeoutMs ?? BUSY_LIMIT_MS;
  }

  /** Throws `DatabaseTooNew` and `DatabaseUnusable`, and has changed nothing then. */
  async check(): Promise<void> {
    await checkFile(
      this.path,
      migrations.map(({ name }) => name),
    );
  }

  /** `context` tells MikroORM which session is the current one; tools, which open no scope, go without. */
  ormOptions(context: () => EntityManager | undefined = () => undefined): Partial<Options<ScopedMikroDriver>> {
    const dialect = new ScopedSqliteDialect({
      open: () => openFile(this.path, this.#options.durability),
      acquireLimitMs: this.#options.acquireTimeoutMs ?? BUSY_LIMIT_MS,
      busyLimitMs: () => this.#busyLimitMs,
      durability: this.#options.durability,
    });
    return {
      driver: ScopedMikroDriver,
      dbName: this.path,
      // As a function, or the ORM would copy it.
      driverOptions: () => dialect,
      entities,
      context,
      subscribers: [workspaceGuard, flushGuard],
      extensions: [Migrator],
      ensureDatabase: false,
      // As SQLAlchemy's `autoflush=False`: nothing is written but by flush() and commits.
      flushMode: FlushMode.COMMIT,
      // The index of words and its parts, which no entity stands for.
      schemaGenerator: { skipTables: [/^search_/] },
      migrations: {
        migrationsList: [...migrations],
        tableName: 'migration',
        snapshot: false,
        silent: true,
      },
    };
  }

  openInstances(self: string): Promise<LockedInstances> {
    return LockedInstances.open(this.path, self);
  }

  spillOf(instances: Instances): SpillFolder {
    return new SpillFolder({ folder: instancesFolder(this.path), instances });
  }

  openUpkeep(): Upkeep {
    return new Upkeep(this.path);
  }

  openSearch(): Search {
    return new SearchThread({ path: this.path });
  }

  /** Runs `work` while no other process migrates the same file, and lets its queries wait longer for locks. */
  async whileMigrating<T>(work: () => Promise<T>): Promise<T> {
    const lock = await FileLock.take(join(instancesFolder(this.path), 'migration'), MIGRATION_LIMIT_MS);
    const usual = this.#busyLimitMs;
    this.#busyLimitMs = MIGRATION_LIMIT_MS;
    try {
      return await work();
    } finally {
      this.#busyLimitMs = usual;
      lock.release();
    }
  }
}

function pathOf(url: string): string {
  const path = url.startsWith(SCHEME) ? url.slice(SCHEME.length) : '';
  if (path && !path.includes(':memory:')) return path;
  throw new DatabaseUnusable(`The database's address must be ${SCHEME} and the path of a file.`);
}
