import { CompiledQuery, type Compilable, type Kysely } from 'kysely';
import { WorkspaceCrossed } from '../errors.ts';
import { here } from '../scope.ts';
import { session } from '../session.ts';
import type { Tables } from './tables.ts';

type Value = string | number | null;

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
  let compiled: CompiledQuery | undefined;
  return async (args) => {
    const db = session().getKysely<Tables>();
    compiled ??= draft(db, standIns as Args).compile();
    const values = compiled.parameters.map((value) => (value instanceof StandIn ? args[value.name] : value));
    const { rows } = await db.executeQuery<Row>(CompiledQuery.raw(compiled.sql, values));
    return rows;
  };
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

const standIns: object = new Proxy({}, { get: (_target, name) => new StandIn(String(name)) });
