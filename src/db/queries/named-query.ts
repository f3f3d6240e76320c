import { CompiledQuery, type Compilable, type Kysely, type QueryResult, sql } from 'kysely';
import { WorkspaceCrossed } from '../errors.ts';
import { here } from '../scope.ts';
import type { Tables } from './tables.ts';

/** What a query is given. */
export type Value = string | number | Uint8Array | null;

/** Writes the query down once, with a stand-in for each value that comes with a call. */
type Draft<Args extends object, Row> = (db: Kysely<Tables>, args: Args) => Compilable<Row>;

/** Stands where a value will be; the compiled query is kept, and only values change from call to call. */
class StandIn {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/**
 * A hot read, written by Kysely's builder and compiled once. It runs in the session's transaction where one is open,
 * past the unit of work, on a prepared statement that stays prepared.
 */
export function namedQuery<Args extends Record<string, Value>, Row>(
  draft: Draft<Args, Row>,
): (args: Args) => Promise<readonly Row[]> {
  const run = named(draft);
  return async (args) => (await run(args)).rows;
}

/** A hot write, likewise; gives the number of rows it changed. The unit of work does not know of it. */
export function namedWrite<Args extends Record<string, Value>>(
  draft: Draft<Args, unknown>,
): (args: Args) => Promise<number> {
  const run = named(draft);
  return async (args) => Number((await run(args)).numAffectedRows ?? 0);
}

/** What queries that differ from call to call are built on; otherwise as `namedQuery`. */
export function tables(): Kysely<Tables> {
  return here().kysely as unknown as Kysely<Tables>;
}

function named<Args extends Record<string, Value>, Row>(
  draft: Draft<Args, Row>,
): (args: Args) => Promise<QueryResult<Row>> {
  let compiled: CompiledQuery | undefined;
  return async (args) => {
    const db = tables();
    compiled ??= draft(db, standIns as Args).compile();
    const values = compiled.parameters.map((value) => (value instanceof StandIn ? args[value.name] : value));
    return db.executeQuery<Row>(CompiledQuery.raw(compiled.sql, values));
  };
}

/** The items of a JSON array, so that a statement stays the same whatever their number. */
export function listed(json: string) {
  return sql<string>`(select "value" from json_each(${json}))`;
}

/** Throws `WorkspaceCrossed` when a bound session asks about another workspace. */
export function refuseOtherWorkspace(workspaceId: string): void {
  const scope = here();
  if (scope.workspaceId !== null && scope.workspaceId !== workspaceId) {
    throw new WorkspaceCrossed(`The session of ${scope.label} asked for rows of another workspace.`);
  }
}

/** A time as the engine gives it. */
export function asDate(value: number): Date {
  return new Date(value);
}

/** A time that may be missing. */
export function asDateOrNull(value: number | null): Date | null {
  return value === null ? null : new Date(value);
}

/** What a column of JSON holds. */
export function fromJson<T>(text: string | null): T | null {
  return text === null ? null : (JSON.parse(text) as T);
}

const standIns: object = new Proxy({}, { get: (_target, name) => new StandIn(String(name)) });
