import { type HeldGrant, heldGrant } from '../../db/queries/held-grant.ts';
import { withSession } from '../../db/session.ts';
import type { Clock } from '../../kernel/clock.ts';
import { NotFound } from '../../kernel/errors.ts';
import type { Instances } from '../../kernel/instance.ts';
import type { Logger } from '../../kernel/logger.ts';
import { SingleFlight } from '../../kernel/single-flight.ts';
import type { Spill, SpilledText } from '../../kernel/spill.ts';
import type { TokenSet } from '../../kernel/token-reply.ts';
import type { Vault } from '../../kernel/vault.ts';
import { isLeased } from './grant-clock.ts';
import type { Flight, GrantLedger, Stored } from './grant-ledger.ts';
import { sealedTokens } from './grant-seals.ts';
import type { LateTokens } from './late-tokens.ts';
import { readSpilled, type SpilledSet, spilledText } from './spilled-set.ts';

/** How often tokens are offered to a grant that moves while they are. */
const STORE_TRIES = 5;

/** How often what was spilled is offered to the database again. */
export const REPLAY_MS = 5_000;

interface Parts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly vault: Vault;
  /** Seals for the spill and nothing else. */
  readonly spillVault: Vault;
  readonly spill: Spill;
  readonly instances: Instances;
  readonly ledger: GrantLedger;
  readonly late: LateTokens;
}

/** A token set that the database does not have yet. Null: the spill did not take it either, and only memory holds it. */
interface Pending extends SpilledSet {
  readonly written: SpilledText | null;
}

/** Token sets that the database would not take: on the disk until it does, and good for calls meanwhile. */
export class SpilledTokens {
  readonly #parts: Parts;
  /** By attempt. */
  readonly #pending = new Map<string, Pending>();
  readonly #settling = new SingleFlight<boolean>();
  readonly #unreadable = new Set<string>();
  #brokenTold = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Sees to it that there is room for what a renewal may bring. Without it a renewal is no worse than it was. */
  async prepare(): Promise<void> {
    await this.#parts.spill
      .prepare()
      .catch((err: unknown) =>
        this.#parts.logger.error({ err }, 'There is no room for a spill file: a full disk may lose new tokens.'),
      );
  }

  /**
   * Writes tokens down that the database does not take. Rejects where the disk does not take them either: they stay in
   * memory and are offered to both again, and nobody may be told of success before.
   */
  async keep({ grant, attemptId, fence }: Flight, tokens: TokenSet, startedAt: Date): Promise<'held'> {
    const { id: grantId, workspaceId, connectionId, slug, generation } = grant;
    const set = { grantId, workspaceId, connectionId, slug, generation, fence, attemptId, startedAt, tokens };
    this.#pending.set(attemptId, { ...set, written: null });
    await this.#write(set);
    this.#parts.logger.error(
      { connection: slug, attempt: attemptId },
      'New tokens could not be stored. They are kept in the spill file until the database takes them.',
    );
    return 'held';
  }

  /** The grant as it will stand when the database has what was spilled for it; as it stands where nothing was. */
  over(grant: HeldGrant): HeldGrant {
    const set = this.#latestFor(grant);
    if (!set?.written) return grant;
    const { accessToken, refreshToken, tokenType, expiresAt, scope } = set.tokens;
    return {
      ...grant,
      ...sealedTokens(this.#parts.vault, grant.id, set.tokens),
      ...STANDING,
      generation: set.generation + 1,
      hasAccessToken: accessToken !== '',
      hasRefreshToken: refreshToken !== null || grant.hasRefreshToken,
      tokenType,
      scope: scope ?? grant.scope,
      obtainedAt: set.startedAt,
      expiresAt,
    };
  }

  /** True while something of this grant waits for the database. */
  holds({ id }: Pick<HeldGrant, 'id'>): boolean {
    for (const { grantId } of this.#pending.values()) if (grantId === id) return true;
    return false;
  }

  /** Reads what other processes have spilled: a dead one's tokens must be known before its refresh token is tried again. */
  async look(): Promise<void> {
    const { spill, spillVault, logger } = this.#parts;
    const { texts, broken } = await spill.find();
    if (broken > this.#brokenTold)
      logger.error({ broken }, 'A piece of a spill file was cut off or changed. Nobody was told that it was kept.');
    this.#brokenTold = broken;
    for (const written of texts) {
      const set = readSpilled(spillVault, written.text);
      if (set) {
        if (!this.#pending.has(set.attemptId)) this.#pending.set(set.attemptId, { ...set, written });
      } else if (!this.#unreadable.has(written.text)) {
        this.#unreadable.add(written.text);
        logger.error({}, 'Spilled tokens do not open: the key is another one, or they were changed. They stay there.');
      }
    }
  }

  /** Offers the database everything there is, others' too; gives how many token sets found their place. */
  async replay(): Promise<number> {
    await this.look();
    return this.#settleAll([...this.#pending.values()]);
  }

  /** Offers the database what waits for it of this grant; true when nothing does any more. */
  async settle(grant: Pick<HeldGrant, 'id'>): Promise<boolean> {
    const ours = [...this.#pending.values()].filter(({ grantId }) => grantId === grant.id);
    return (await this.#settleAll(ours)) === ours.length;
  }

  /** The latest first: of two sets for one generation the other is the spare. */
  async #settleAll(sets: readonly Pending[]): Promise<number> {
    let settled = 0;
    for (const set of sets.toSorted((one, other) => other.fence - one.fence)) {
      const isSettled = await this.#settling.join(set.attemptId, () => this.#settle(set));
      if (isSettled) settled += 1;
    }
    return settled;
  }

  async #settle(set: Pending): Promise<boolean> {
    const { attemptId, slug, tokens } = set;
    try {
      const grant = await this.#grantOf(set);
      const stored = await this.#store(set, grant);
      if (stored === null) return false;
      const { written } = this.#pending.get(attemptId) ?? set;
      await written?.forget();
      this.#pending.delete(attemptId);
      if (stored === 'held') this.#parts.logger.info({ connection: slug }, 'Spilled tokens are stored now.');
      else if (grant) await this.#parts.late.tell(stored, grant, attemptId, tokens);
      return true;
    } catch (err) {
      this.#parts.logger.warn({ connection: slug, err }, 'Spilled tokens cannot be stored yet.');
      if (!set.written) await this.#write(set).catch(() => null);
      return false;
    }
  }

  /** Null where somebody else is at this grant just now: what comes of that is waited for. */
  async #store(set: Pending, grant: HeldGrant | null, tries = STORE_TRIES): Promise<Stored | null> {
    const { ledger } = this.#parts;
    const { attemptId, workspaceId, generation, tokens, startedAt } = set;
    if (!grant) return ledger.keepAside({ workspaceId }, attemptId, tokens);
    const isOvertaken = grant.generation === generation && grant.fence !== set.fence;
    if (isOvertaken && (await this.#isBeingRenewed(grant))) return null;
    // The same refresh token still stands there: whoever moved the grant brought no other tokens.
    const fence = isOvertaken && (await ledger.stillHolds(grant, attemptId)) ? grant.fence : set.fence;
    const stored = await ledger.store({ grant: { ...grant, generation }, attemptId, fence }, tokens, startedAt);
    if (stored !== 'kept-aside' || tries === 1) return stored;
    // It may have moved between the look and the storing; then the tokens are had for what it holds all the same.
    const now = await this.#grantOf(set);
    return now && now.fence !== grant.fence ? this.#store(set, now, tries - 1) : stored;
  }

  async #isBeingRenewed(grant: HeldGrant): Promise<boolean> {
    const { clock, instances } = this.#parts;
    return isLeased(grant, clock.now()) && (await instances.isAlive(grant.leaseInstance ?? ''));
  }

  async #grantOf({ workspaceId, connectionId, grantId }: SpilledSet): Promise<HeldGrant | null> {
    try {
      const grant = await withSession(workspaceId, () => heldGrant(workspaceId, connectionId));
      return grant.id === grantId ? grant : null;
    } catch (error) {
      if (error instanceof NotFound) return null;
      throw error;
    }
  }

  async #write(set: SpilledSet): Promise<void> {
    const written = await this.#parts.spill.keep(spilledText(this.#parts.spillVault, set));
    if (this.#pending.has(set.attemptId)) this.#pending.set(set.attemptId, { ...set, written });
    else await written.forget();
  }

  #latestFor({ id, generation }: HeldGrant): Pending | null {
    let latest: Pending | null = null;
    for (const set of this.#pending.values()) {
      if (set.grantId !== id || set.generation !== generation) continue;
      if (!latest || set.fence > latest.fence) latest = set;
    }
    return latest;
  }
}

const STANDING = {
  state: 'held' as const,
  reason: null,
  detail: null,
  failures: 0,
  retryAt: null,
  leaseInstance: null,
  leaseUntil: null,
};
