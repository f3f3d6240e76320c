import type {
  EntityData,
  EntityName,
  FilterOptions,
  FilterQuery,
  FindOptions,
  NativeInsertUpdateOptions,
  Primary,
  RequiredEntityData,
  TransactionOptions,
  UpdateOptions,
} from '@mikro-orm/core';
import { SqlEntityManager } from '@mikro-orm/sqlite';
import { WORKSPACE_FILTER } from '../model/workspace-bound.ts';
import { currentScope, type Scope } from './scope.ts';
import { refuseForeignData, refuseWayPast } from './workspace-guard.ts';

/** What MikroORM lets past the workspace filter; a bound session refuses it. */
const WAYS_PAST = [
  'upsert',
  'upsertMany',
  'createQueryBuilder',
  'qb',
  'execute',
  'countBy',
  'callRoutine',
  'stream',
  'merge',
  'map',
  'addFilter',
] as const;

type Verb = (...args: unknown[]) => unknown;

/**
 * The EntityManager of a scope and of every fork of it. It refuses what MikroORM would let through: use after the
 * scope's end, overlapping flushes, a session whose flush failed, and ways past the workspace filter.
 */
export class ScopedEntityManager extends SqlEntityManager {
  /** Undefined on the ORM's own manager, which is made outside any scope. */
  readonly #scope: Scope | undefined = currentScope();

  /** Drops everything the manager holds, without asking whether its scope still stands. */
  forget(): void {
    super.getUnitOfWork(false).clear();
  }

  override getContext(validate?: boolean): this {
    // MikroORM's constructor asks for the context before our field is there.
    if (#scope in this) this.#scope?.refuseIfEnded();
    return super.getContext(validate);
  }

  override async flush(): Promise<void> {
    const scope = this.#scope ?? currentScope();
    return scope ? scope.flush(() => super.flush()) : super.flush();
  }

  override async transactional<T>(work: (em: this) => T | Promise<T>, options?: TransactionOptions): Promise<T> {
    const writesBefore = this.#scope?.writes ?? 0;
    try {
      return await super.transactional(work, options);
    } catch (error) {
      // What was flushed inside was rolled back, but its entities count as written: a later flush would skip them.
      if (this.#scope && this.#scope.writes > writesBefore) this.#scope.fail(error);
      throw error;
    }
  }

  override persist(...args: Parameters<SqlEntityManager['persist']>): this {
    this.#scope?.refuseWhileFlushing();
    return super.persist(...args);
  }

  override remove(...args: Parameters<SqlEntityManager['remove']>): this {
    this.#scope?.refuseWhileFlushing();
    return super.remove(...args);
  }

  override async insert<Entity extends object>(
    target: EntityName<Entity> | Entity,
    data?: NoInfer<RequiredEntityData<Entity> | Entity>,
    options?: NativeInsertUpdateOptions<Entity>,
  ): Promise<Primary<Entity>> {
    this.#refuseForeign(data === undefined ? target.constructor : target, data ?? target, true);
    return super.insert(target, data, options);
  }

  override async insertMany<Entity extends object>(
    target: EntityName<Entity> | Entity[],
    data?: NoInfer<RequiredEntityData<Entity>[] | Entity[]>,
    options?: NativeInsertUpdateOptions<Entity>,
  ): Promise<Primary<Entity>[]> {
    this.#refuseForeign(Array.isArray(target) ? target[0]?.constructor : target, data ?? target, true);
    return super.insertMany(target, data, options);
  }

  override async nativeUpdate<Entity extends object>(
    target: EntityName<Entity>,
    where: FilterQuery<NoInfer<Entity>>,
    data: EntityData<Entity>,
    options?: UpdateOptions<Entity>,
  ): Promise<number> {
    this.#refuseForeign(target, data, false);
    return super.nativeUpdate(target, where, data, options);
  }

  override async applyFilters<Entity extends object>(
    target: EntityName<Entity>,
    where: FilterQuery<Entity> | undefined,
    options: FilterOptions | undefined,
    type: 'read' | 'update' | 'delete',
    found?: FindOptions<Entity>,
  ): Promise<FilterQuery<Entity> | undefined> {
    return super.applyFilters(target, where, this.#keptFilters(options), type, found);
  }

  /** The workspace stands in every filter by the scope's word, and by nobody else's. */
  #keptFilters(options: FilterOptions | undefined): FilterOptions | undefined {
    const scope = this.#scope;
    if (!scope) return options;
    const names = Array.isArray(options) ? options : [];
    const asked = typeof options === 'object' && !Array.isArray(options) ? options : {};
    const touches = options === false || names.includes(WORKSPACE_FILTER) || WORKSPACE_FILTER in asked;
    if (touches) refuseWayPast(scope, 'Setting the workspace filter');
    const own = scope.workspaceId === null ? false : { workspaceId: scope.workspaceId };
    return { ...Object.fromEntries(names.map((name) => [name, true])), ...asked, [WORKSPACE_FILTER]: own };
  }

  #refuseForeign(target: unknown, data: unknown, isComplete: boolean): void {
    const scope = this.#scope;
    if (scope) refuseForeignData(scope, this.getMetadata().get(target as never), data, isComplete);
  }

  static {
    for (const verb of WAYS_PAST) {
      const inherited = SqlEntityManager.prototype[verb] as Verb;
      Object.defineProperty(this.prototype, verb, {
        configurable: true,
        writable: true,
        value(this: ScopedEntityManager, ...args: unknown[]): unknown {
          this.getContext(false);
          if (this.#scope) refuseWayPast(this.#scope, verb);
          return inherited.apply(this, args);
        },
      });
    }
  }
}
