import {
  ChangeSetType,
  Utils,
  type ChangeSet,
  type EntityMetadata,
  type EventSubscriber,
  type FlushEventArgs,
} from '@mikro-orm/core';
import { WORKSPACE_FILTER } from '../model/workspace-bound.ts';
import { WorkspaceCrossed } from './errors.ts';
import { currentScope, type Scope } from './scope.ts';

type Row = { readonly workspaceId?: unknown };

/** Looks at every flush: counts what it writes, and refuses change sets of another workspace than the session's. */
export const workspaceGuard: EventSubscriber = {
  onFlush({ uow }: FlushEventArgs): Promise<void> {
    const scope = currentScope();
    const changeSets = uow.getChangeSets();
    for (const changeSet of changeSets) if (scope) refuseForeignChange(scope, changeSet);
    scope?.noteWrites(changeSets.length);
    return Promise.resolve();
  },
};

/** Throws `WorkspaceCrossed` when data for a bound entity would belong to another workspace than the scope's. */
export function refuseForeignData(scope: Scope, meta: EntityMetadata, data: unknown, isComplete: boolean): void {
  if (!isBound(scope, meta)) return;
  for (const row of Utils.asArray(data) as Row[]) {
    const isSilent = row.workspaceId === undefined && !isComplete;
    if (!isSilent && row.workspaceId !== scope.workspaceId) throw crossed(scope, meta);
  }
}

/** Throws `WorkspaceCrossed` for anything that a bound session may not do because the filter does not reach it. */
export function refuseWayPast(scope: Scope, verb: string): void {
  if (scope.workspaceId === null) return;
  throw new WorkspaceCrossed(
    `${verb} is not kept to a workspace, so the session of ${scope.label} refuses it. ` +
      'Use find, nativeUpdate, nativeDelete, insert or flush, or a named query in db/queries/.',
  );
}

function refuseForeignChange(scope: Scope, { meta, type, entity, originalEntity, payload }: ChangeSet<object>): void {
  if (!isBound(scope, meta)) return;
  const isNew = type === ChangeSetType.CREATE;
  // An entity that was never loaded, such as a reference, does not tell whose it is: it counts as foreign.
  const owner = isNew ? (entity as Row).workspaceId : ((originalEntity ?? entity) as Row).workspaceId;
  const moves = !isNew && (payload as Row | undefined)?.workspaceId !== undefined;
  if (owner !== scope.workspaceId || moves) throw crossed(scope, meta);
}

function isBound(scope: Scope, meta: EntityMetadata): boolean {
  return scope.workspaceId !== null && WORKSPACE_FILTER in (meta.filters ?? {});
}

function crossed(scope: Scope, meta: EntityMetadata): WorkspaceCrossed {
  return new WorkspaceCrossed(
    `A ${meta.className} of another workspace was about to be written in the scope of ${scope.label}. ` +
      'Give new rows its workspaceId, and load rows with it before you change them.',
  );
}
