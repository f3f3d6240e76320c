import { asFacts, facts, type GrantFacts } from './grants.ts';
import { namedQuery } from './named-query.ts';

/** A grant that needs a person, and the slug of its workspace. */
export interface NeedyGrant extends GrantFacts {
  readonly workspace: string;
}

const untold = namedQuery((db, { since, tries }: { since: number; tries: number }) =>
  facts(db)
    .innerJoin('workspace as w', 'w.id', 'c.workspace_id')
    .select('w.slug as workspace')
    .where('g.told_at', 'is', null)
    .where('g.updated_at', '>=', since)
    .where((e) =>
      e.or([
        e('g.state', 'in', ['consent-needed', 'misconfigured']),
        e.and([e('g.state', '=', 'ambiguous'), e('g.failures', '>=', tries)]),
      ]),
    )
    .orderBy('w.slug')
    .orderBy('c.name')
    .orderBy('c.id'),
);

const told = namedQuery((db, { workspaceId, reason }: { workspaceId: string; reason: string }) =>
  facts(db)
    .where('c.workspace_id', '=', workspaceId)
    .where('g.told_at', 'is not', null)
    .where('g.state', '=', 'misconfigured')
    .where('g.reason', '=', reason),
);

/**
 * Grants of every workspace that began to need a person at `since` or later and that nobody was told of: all but
 * `ambiguous` ones that have not had `tries` recovery tries yet. In a system scope.
 */
export async function untoldGrants(since: Date, tries: number): Promise<NeedyGrant[]> {
  const rows = await untold({ since: since.getTime(), tries });
  return rows.map((row) => ({ ...asFacts(row), workspace: row.workspace }));
}

/** Misconfigured grants of a workspace that people were told of, by their reason. In a system scope. */
export async function toldGrants(workspaceId: string, reason: string): Promise<GrantFacts[]> {
  return (await told({ workspaceId, reason })).map(asFacts);
}
