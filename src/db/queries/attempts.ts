import type { AttemptState } from '../../model/refresh-attempt.ts';
import { asDate, asDateOrNull, namedQuery, refuseOtherWorkspace } from './named-query.ts';

/** One try as a page tells it; never with tokens. */
export interface AttemptLine {
  readonly id: string;
  readonly exchangeId: string;
  /** The generation it set out from. */
  readonly generation: number;
  readonly state: AttemptState;
  readonly outcome: string | null;
  readonly reason: string | null;
  readonly detail: string | null;
  /** Tokens that the grant did not take are kept with it. */
  readonly keepsTokens: boolean;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
}

/** The last attempt of the page before. */
export interface AttemptCursor {
  readonly startedAt: Date;
  readonly id: string;
}

/** Tokens on an attempt, sealed for its row. */
export interface SealedAside {
  readonly id: string;
  readonly sealedTokens: string;
}

type Place = { workspaceId: string; connectionId: string };

/** Later than any time, and after any id. */
const NEWEST: AttemptCursor = { startedAt: new Date(8.64e15), id: '~' };

const page = namedQuery(
  (db, { workspaceId, connectionId, time, id, limit }: Place & { time: number; id: string; limit: number }) =>
    db
      .selectFrom('refresh_attempt')
      .select(['id', 'exchange_id', 'generation', 'state', 'outcome', 'reason', 'detail', 'started_at', 'ended_at'])
      .select(({ eb }) => eb('sealed_tokens', 'is not', null).as('keeps_tokens'))
      .where('workspace_id', '=', workspaceId)
      .where('connection_id', '=', connectionId)
      .where((e) => e(e.refTuple('started_at', 'id'), '<', e.tuple(time, id)))
      .orderBy('started_at', 'desc')
      .orderBy('id', 'desc')
      .limit(limit),
);

const aside = namedQuery((db, { workspaceId, connectionId }: Place) =>
  db
    .selectFrom('refresh_attempt')
    .select(['id', 'sealed_tokens'])
    .where('workspace_id', '=', workspaceId)
    .where('connection_id', '=', connectionId)
    .where('sealed_tokens', 'is not', null)
    .orderBy('id'),
);

/**
 * Tries to renew a connection's grant, newest first: what comes after `cursor`, at most `limit`.
 * Throws `WorkspaceCrossed` in another workspace's session.
 */
export async function attemptPage(
  workspaceId: string,
  connectionId: string,
  cursor: AttemptCursor | null,
  limit: number,
): Promise<AttemptLine[]> {
  refuseOtherWorkspace(workspaceId);
  const { startedAt, id } = cursor ?? NEWEST;
  const rows = await page({ workspaceId, connectionId, time: startedAt.getTime(), id, limit });
  return rows.map((row) => ({
    id: row.id,
    exchangeId: row.exchange_id,
    generation: row.generation,
    state: row.state as AttemptState,
    outcome: row.outcome,
    reason: row.reason,
    detail: row.detail,
    keepsTokens: Boolean(row.keeps_tokens),
    startedAt: asDate(row.started_at),
    endedAt: asDateOrNull(row.ended_at),
  }));
}

/** Tokens of a connection that no grant took. Throws `WorkspaceCrossed` in another workspace's session. */
export async function sealedAside(workspaceId: string, connectionId: string): Promise<SealedAside[]> {
  refuseOtherWorkspace(workspaceId);
  const rows = await aside({ workspaceId, connectionId });
  return rows.map(({ id, sealed_tokens }) => ({ id, sealedTokens: sealed_tokens ?? '' }));
}
