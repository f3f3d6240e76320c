import type {
  AnyEntity,
  Dictionary,
  EntityData,
  LoggingOptions,
  QueryResult,
  RawQueryFragment,
  Transaction,
} from '@mikro-orm/core';
import { isRaw, raw } from '@mikro-orm/core';
import { BaseSqliteConnection, NativeQueryBuilder } from '@mikro-orm/sqlite';
import { CompiledQuery } from 'kysely';
import { bindQuery, type BoundQuery } from './parameters.ts';

type Query = string | NativeQueryBuilder | RawQueryFragment;
type Result = QueryResult | EntityData<AnyEntity> | EntityData<AnyEntity>[];
type Abort = Parameters<Transaction['executeQuery']>[1];

/**
 * MikroORM's connection, but text and values travel apart. Then prepared statements are found again, and no value
 * stands in a text that an error or a log could show.
 */
export class ParameterisedConnection extends BaseSqliteConnection {
  override async execute<T extends Result = EntityData<AnyEntity>[]>(
    query: Query,
    params: readonly unknown[] | Dictionary<unknown> = [],
    method: 'all' | 'get' | 'run' = 'all',
    transaction?: Transaction,
    loggerContext?: LoggingOptions,
  ): Promise<T> {
    await this.ensureConnection();
    const bound = this.#bind(query, params);
    const { abort, context } = splitAbort(loggerContext);
    const run = async (): Promise<T> => {
      const compiled = CompiledQuery.raw(bound.sql, [...bound.parameters]);
      const result = await (transaction ?? this.getClient()).executeQuery(compiled, abort);
      return this.transformRawResult<T>(result, method);
    };
    return this.executeQuery(bound.sql, run, { query: bound.sql, ...context });
  }

  #bind(query: Query, params: readonly unknown[] | Dictionary<unknown>): BoundQuery {
    const asked = query instanceof NativeQueryBuilder ? query.toRaw() : query;
    const whole = typeof asked === 'string' && !Array.isArray(params) ? raw(asked, params as Dictionary) : asked;
    if (isRaw(whole)) return bindQuery(whole.sql, whole.params, this.platform);
    return bindQuery(whole, params as readonly unknown[], this.platform);
  }
}

/** MikroORM carries its abort options in the logger's context; they go to Kysely, and not into the log. */
function splitAbort(loggerContext: LoggingOptions | undefined): { abort?: Abort; context?: object } {
  if (!loggerContext) return {};
  const { signal, inflightQueryAbortStrategy, ...context } = loggerContext as Dictionary;
  if (signal === undefined && inflightQueryAbortStrategy === undefined) return { context };
  return { abort: { signal, inflightQueryAbortStrategy }, context };
}
