import { ChangeSetType, type EventSubscriber, type FlushEventArgs, type UnitOfWork } from '@mikro-orm/core';
import { FlushOverlap } from './errors.ts';
import { currentScope } from './scope.ts';

type Snapshot = ReadonlyMap<object, object>;

/** What each flush under way set out to write. */
const underway = new WeakMap<UnitOfWork, Snapshot>();

/**
 * Sees an entity that was changed while it was being flushed: MikroORM takes the change for written, and it would be
 * lost in silence. The flush stands, and `FlushOverlap` tells that something was not in it.
 */
export const flushGuard: EventSubscriber = {
  onFlush(args: FlushEventArgs): Promise<void> {
    underway.set(args.uow, snapshot(args));
    return Promise.resolve();
  },

  afterFlush({ em, uow }: FlushEventArgs): Promise<void> {
    const comparator = em.getComparator();
    for (const [entity, before] of underway.get(uow) ?? []) {
      const after = comparator.prepareEntity(entity);
      const difference = comparator.diffEntities(entity.constructor as never, before, after);
      if (Object.keys(difference).length > 0) throw new FlushOverlap(currentScope()?.label ?? 'the ORM');
    }
    underway.delete(uow);
    return Promise.resolve();
  },
};

function snapshot({ em, uow }: FlushEventArgs): Snapshot {
  const comparator = em.getComparator();
  const written = uow
    .getChangeSets()
    .filter(({ type }) => type === ChangeSetType.CREATE || type === ChangeSetType.UPDATE)
    .map(({ entity }) => entity);
  return new Map(written.map((entity) => [entity, comparator.prepareEntity(entity)]));
}
