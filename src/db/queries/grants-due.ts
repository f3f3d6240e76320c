import { sql } from 'kysely';
import { namedQuery } from './named-query.ts';

/** Which grant, the generation it was seen at, and who would renew it. */
export interface SeenGrant {
  readonly workspaceId: string;
  readonly connectionId: string;
  readonly generation: number;
  readonly tokenUrl: string;
}

/** A grant whose lease nobody gave back; `isOver` tells whether its time has run out. */
export interface LeasedGrant extends SeenGrant {
  readonly leaseInstance: string;
  readonly isOver: boolean;
}

/** A try that set out and whose grant has moved on; `isOver` tells whether its lease's time has run out. */
export interface OrphanedAttempt {
  readonly id: string;
  readonly instanceId: string;
  readonly isOver: boolean;
}

/** What is further off was written by a clock that has been set back since. */
const LONGEST_BACK_OFF_MS = 3_600_000;

/** No margin is longer. */
const LONGEST_MARGIN_MS = 90 * 86_400_000;

/** An edit may have taken OAuth away while the grant was looked at. */
const tokenUrl = sql<string>`coalesce(c.auth ->> 'tokenUrl', '')`.as('token_url');

const usedAndEnding = namedQuery((db, { until, usedSince, now }: { until: number; usedSince: number; now: number }) =>
  db
    .selectFrom('grant as g')
    .innerJoin('connection as c', 'c.id', 'g.connection_id')
    .select(['g.workspace_id', 'g.connection_id', 'g.generation', tokenUrl])
    .where('g.state', 'in', ['held', 'ambiguous'])
    .where((e) => e.or([e('g.expires_at', 'is', null), e('g.expires_at', '<', until)]))
    .where((e) => e.or([e('c.keep_alive', '=', 1), e('c.last_call_at', '>=', usedSince)]))
    .where((e) =>
      e.or([e('g.retry_at', 'is', null), e('g.retry_at', '<=', now), e('g.retry_at', '>', now + LONGEST_BACK_OFF_MS)]),
    ),
);

const leased = namedQuery((db, _args: object) =>
  db
    .selectFrom('grant as g')
    .innerJoin('connection as c', 'c.id', 'g.connection_id')
    .select(['g.workspace_id', 'g.connection_id', 'g.generation', 'g.lease_instance', 'g.lease_until', tokenUrl])
    .where('g.lease_instance', 'is not', null),
);

const orphaned = namedQuery((db, _args: object) =>
  db
    .selectFrom('refresh_attempt as a')
    .innerJoin('grant as g', 'g.id', 'a.grant_id')
    .select(['a.id', 'a.instance_id', 'a.lease_until'])
    .where('a.state', '=', 'intent')
    .where((e) => e.or([e('g.lease_instance', 'is', null), e('g.fence', '<>', e.ref('a.fence'))])),
);

const generations = namedQuery((db, _args: object) =>
  db.selectFrom('grant').select(({ fn }) => [fn.sum<number | null>('generation').as('total')]),
);

/** A number that moves with every token set that is stored. In a system scope. */
export async function tokenSetsSoFar(): Promise<number> {
  const [row] = await generations({});
  return Number(row?.total ?? 0);
}

/**
 * Grants of connections in use (or kept alive) that may be due before `aheadMs` have passed; the keeper knows each
 * one's margin and leaves alone what is still fresh. For the sweep, in a system scope.
 */
export async function dueGrants({ now, usedSince }: { now: Date; usedSince: Date }): Promise<SeenGrant[]> {
  const rows = await usedAndEnding({
    until: now.getTime() + LONGEST_MARGIN_MS,
    usedSince: usedSince.getTime(),
    now: now.getTime(),
  });
  return rows.map(asSeen);
}

/** Attempts in `intent` whose grant has moved on without them. For recovery, in a system scope. */
export async function orphanedAttempts(now: Date): Promise<OrphanedAttempt[]> {
  const rows = await orphaned({});
  return rows.map(({ id, instance_id, lease_until }) => ({
    id,
    instanceId: instance_id,
    isOver: lease_until <= now.getTime(),
  }));
}

/** Every grant that somebody holds the lease of. For recovery, in a system scope. */
export async function leasedGrants(now: Date): Promise<LeasedGrant[]> {
  const rows = await leased({});
  return rows.map((row) => ({
    ...asSeen(row),
    leaseInstance: row.lease_instance ?? '',
    isOver: (row.lease_until ?? 0) <= now.getTime(),
  }));
}

interface SeenRow {
  readonly workspace_id: string;
  readonly connection_id: string;
  readonly generation: number;
  readonly token_url: string;
}

function asSeen({ workspace_id, connection_id, generation, token_url }: SeenRow): SeenGrant {
  return { workspaceId: workspace_id, connectionId: connection_id, generation, tokenUrl: token_url };
}
