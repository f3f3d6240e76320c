import { sql } from 'kysely';
import type { AuthSettings } from '../../kernel/auth.ts';
import { namedQuery } from './named-query.ts';

/** A connection whose issuer is to be asked what it offers. */
export interface MetadataDue {
  readonly workspaceId: string;
  readonly connectionId: string;
  readonly slug: string;
  readonly auth: AuthSettings;
  readonly certificateAuthorities: string | null;
  /** When it was asked last; null where nobody has yet. */
  readonly askedAt: Date | null;
}

/** Which connections count: those used since then, or kept alive; and no issuer is asked again sooner. */
export interface MetadataWanted {
  readonly now: Date;
  readonly usedSince: Date;
  readonly askedBefore: Date;
  readonly limit: number;
}

const issuer = sql<string>`c.auth ->> 'issuer'`;

type Wanted = { now: number; usedSince: number; askedBefore: number; limit: number };

const due = namedQuery((db, { now, usedSince, askedBefore, limit }: Wanted) =>
  db
    .selectFrom('connection as c')
    .innerJoin('grant as g', 'g.connection_id', 'c.id')
    .leftJoin('provider_metadata as m', 'm.connection_id', 'c.id')
    .select(['c.workspace_id', 'c.id', 'c.slug', 'c.auth', 'c.certificate_authorities', 'm.asked_at'])
    .where(issuer, 'is not', null)
    .where((e) => e.or([e('c.keep_alive', '=', 1), e('c.last_call_at', '>=', usedSince)]))
    .where((e) =>
      e.or([
        e('m.id', 'is', null),
        e('m.issuer', '<>', issuer),
        e.and([
          // What was written further ahead comes from a clock that has been set back since.
          e.or([e('m.asked_at', '<=', askedBefore), e('m.asked_at', '>', now)]),
          e.or([e('m.fresh_until', '<=', now), e('g.state', '=', 'misconfigured'), e('g.failures', '>', 0)]),
        ]),
      ]),
    )
    .orderBy('m.asked_at')
    .limit(limit),
);

/**
 * Connections whose issuer was never asked, whose answer has run out, or whose token endpoint fails now: it may have
 * moved. For the watch, in a system scope.
 */
export async function metadataDue({ now, usedSince, askedBefore, limit }: MetadataWanted): Promise<MetadataDue[]> {
  const times = { now: now.getTime(), usedSince: usedSince.getTime(), askedBefore: askedBefore.getTime() };
  return (await due({ ...times, limit })).map((row) => ({
    workspaceId: row.workspace_id,
    connectionId: row.id,
    slug: row.slug,
    auth: JSON.parse(row.auth) as AuthSettings,
    certificateAuthorities: row.certificate_authorities,
    askedAt: row.asked_at === null ? null : new Date(row.asked_at),
  }));
}
