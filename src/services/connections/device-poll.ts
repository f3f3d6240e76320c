import { grantBySlug } from '../../db/queries/grants.ts';
import { session, withSession } from '../../db/session.ts';
import { NotFound } from '../../kernel/errors.ts';
import type { Logger } from '../../kernel/logger.ts';
import type { TokenSet } from '../../kernel/token-reply.ts';
import { DeviceAttempt } from '../../model/device-attempt.ts';
import { type PollAnswer, readPoll } from '../../oauth/device-poll.ts';
import { whilePending } from '../exchanges/while-pending.ts';
import type { GrantLedger } from '../grants/grant-ledger.ts';
import { callTokenEndpoint, type TokenAnswer } from '../grants/token-call.ts';
import type { TokenReturn } from '../grants/token-return.ts';
import { keepConsented } from './consented-tokens.ts';
import { endedColumns, GRANTED, MOVED } from './device-end.ts';
import { hesitant, nextPoll, slower } from './device-schedule.ts';
import { type AttemptPlace, DeviceTurns, type Turn, type TurnParts } from './device-turn.ts';

export interface DevicePollParts extends TurnParts {
  readonly logger: Logger;
  readonly ledger: GrantLedger;
  readonly tokens: TokenReturn;
}

/**
 * Asks a provider once how a consent on another device stands (RFC 8628, section 3.4): turn, call, tokens, record. Each poll
 * is on record before it leaves; one that is told to wait is taken off again and counted on the attempt.
 */
export class DevicePoll {
  readonly #parts: DevicePollParts;
  readonly #turns: DeviceTurns;

  constructor(parts: DevicePollParts) {
    this.#parts = parts;
    this.#turns = new DeviceTurns(parts);
  }

  /** Nothing happens where somebody else asks. Throws only when the database or our own code fails. */
  async poll(place: AttemptPlace): Promise<void> {
    const { workspaceId } = place;
    const turn = await withSession(workspaceId, () => this.#turns.take(place));
    if (turn) await whilePending(this.#parts, turn.draft, () => this.#ask(turn));
  }

  async #ask(turn: Turn): Promise<void> {
    const answer = await callTokenEndpoint(turn.call, this.#parts);
    const said = readPoll(answer.reply);
    await withSession(turn.grant.workspaceId, () =>
      said.kind === 'granted'
        ? this.#keep(turn, answer, said.tokens)
        : session.transactional(() => this.#note(turn, answer, said)),
    );
  }

  /** The record and the attempt together, where the answer brought no tokens. */
  async #note(turn: Turn, answer: TokenAnswer, said: Tokenless): Promise<void> {
    const { clock, journal, logger } = this.#parts;
    const { attempt, grant, draft, until } = turn;
    if (said.kind === 'waiting') await journal.withdraw(draft.id);
    else await this.#settle(turn, answer, grant.generation);
    const columns = columnsAfter(attempt, said, clock.now());
    await session.nativeUpdate(DeviceAttempt, { id: attempt.id, state: 'pending', nextPollAt: until }, columns);
    if (said.kind === 'over' || said.kind === 'unsure')
      logger.warn({ connection: grant.slug, code: said.code }, 'A consent on another device brought no tokens.');
  }

  /** The tokens first; an attempt that was ended meanwhile takes none, and the old grant stays. */
  async #keep(turn: Turn, answer: TokenAnswer, tokens: TokenSet): Promise<void> {
    const { attempt, grant } = turn;
    const { workspaceId, connectionId } = grant;
    const alongside = () => this.#end(attempt.id, GRANTED);
    const { startedBy: consentedBy } = attempt;
    const { startedAt } = answer.result;
    const kept = { workspaceId, connectionId, tokens, startedAt, consentedBy, alongside };
    const stored = await keepConsented(this.#parts, kept).catch((error: unknown) => {
      if (error instanceof AttemptOver || error instanceof NotFound) return error;
      throw error;
    });
    const generation = typeof stored === 'number' ? stored : grant.generation;
    await session.transactional(() => this.#settle(turn, answer, generation));
    if (stored === null) await this.#end(attempt.id, MOVED);
    if (stored instanceof Error) await this.#giveBack(turn, tokens);
  }

  /** Whoever disconnected or deleted the connection did not know of these tokens: they were not here yet. */
  async #giveBack({ grant, attempt }: Turn, { refreshToken, accessToken }: TokenSet): Promise<void> {
    const { logger, tokens } = this.#parts;
    const { slug: connection } = grant;
    logger.warn(
      { connection, attempt: attempt.id },
      'Tokens came after their consent was ended here. Nothing keeps them.',
    );
    const facts = await grantBySlug(grant.workspaceId, connection);
    if (facts?.connectionId === grant.connectionId && facts.state !== 'revoked') return;
    const end = await tokens.giveBack({ grant, refreshToken, accessToken, sentBy: null });
    if (end.kind === 'failed')
      logger.error({ connection, code: end.code }, `Late tokens are not revoked: ${end.detail}`);
  }

  #settle({ draft }: Turn, { result, attempts, masker }: TokenAnswer, generation: number): Promise<void> {
    return this.#parts.journal.settle(draft, { result, generation, hops: result.hops, attempts }, masker);
  }

  /** In the transaction of its caller. Throws `AttemptOver` where it ended otherwise. */
  async #end(id: string, end: typeof GRANTED): Promise<void> {
    const columns = endedColumns(end, this.#parts.clock.now());
    if ((await session.nativeUpdate(DeviceAttempt, { id, state: 'pending' }, columns)) !== 1) throw new AttemptOver();
  }
}

type Tokenless = Exclude<PollAnswer, { kind: 'granted' }>;

/** Somebody stopped, replaced or disconnected it while its poll was under way. */
class AttemptOver extends Error {}

function columnsAfter(attempt: DeviceAttempt, answer: Tokenless, now: Date) {
  const { expiresAt, intervalSeconds } = attempt;
  switch (answer.kind) {
    case 'over':
      return endedColumns({ state: answer.state, reason: answer.code, detail: answer.detail }, now);
    case 'waiting':
      return { ...NO_TROUBLE, nextPollAt: nextPoll({ intervalSeconds, expiresAt }, now) };
    case 'slower': {
      const pace = { intervalSeconds: slower(attempt), expiresAt };
      return { ...NO_TROUBLE, intervalSeconds: pace.intervalSeconds, nextPollAt: nextPoll(pace, now) };
    }
    case 'unsure': {
      const pace = { intervalSeconds: hesitant(attempt), expiresAt };
      const nextPollAt = nextPoll(pace, now, answer.retryAfterMs ?? 0);
      return { reason: answer.code, detail: answer.detail, intervalSeconds: pace.intervalSeconds, nextPollAt };
    }
  }
}

const NO_TROUBLE = { reason: null, detail: null };
