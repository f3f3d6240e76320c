import type { EntityManager } from '@mikro-orm/sqlite';
import { type Durability, durability } from './durable.ts';
import { ScopeInsideTransaction } from './errors.ts';
import { here, inScope } from './scope.ts';

export { refuseIfInTransaction } from './scope.ts';

/** What a scope may be given besides its work. */
export interface ScopeOptions {
  /** What errors call the scope by: the id of the request it serves. */
  readonly label?: string;
}

/**
 * Runs `work` with a session bound to one workspace, and ends the session afterwards, whatever happened: what was not
 * flushed is rolled back. The scope inherits nothing from the one around it. Throws `ScopeInsideTransaction` when that
 * one has a transaction open.
 */
export async function withSession<T>(
  workspaceId: string,
  work: () => Promise<T>,
  options: ScopeOptions = {},
): Promise<T> {
  if (!workspaceId) throw new TypeError('A session needs the id of its workspace.');
  return inScope(workspaceId, options.label ?? `workspace ${workspaceId}`, work);
}

/**
 * The session of the scope we are in. Call it for the EntityManager, or use it as one.
 * A scope is one unit of work for one task at a time: never flush it from inside `Promise.all`.
 */
export const session = new Proxy(() => here().session, {
  get(current, key) {
    const em = current();
    const value: unknown = Reflect.get(em, key, em);
    return typeof value === 'function' ? value.bind(em) : value;
  },
}) as EntityManager & (() => EntityManager);

/** Rolls back and forgets the session of the scope we are in; the next use makes a new one. */
export async function removeSession(): Promise<void> {
  here().remove();
}

/**
 * Runs `work` in a transaction of the session whose commit is on the disk before this resolves, whatever `DURABILITY`
 * says. Flushes at the end, as `session.transactional` does. Throws `ScopeInsideTransaction` inside another
 * transaction, which could lose what this one promised.
 */
export async function durably<T>(work: () => Promise<T>): Promise<T> {
  return transactional('full', work);
}

/**
 * Runs `work` in a transaction whose commit waits for no disk: for what is done again where a power cut took it. Throws
 * as `durably`.
 */
export async function redoably<T>(work: () => Promise<T>): Promise<T> {
  return transactional('normal', work);
}

async function transactional<T>(promised: Durability, work: () => Promise<T>): Promise<T> {
  const scope = here();
  if (scope.isInTransaction) throw new ScopeInsideTransaction(scope.label);
  return durability.run(promised, () => scope.session.transactional(work));
}
