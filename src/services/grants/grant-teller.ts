import { grantBySlug, grantsOf } from '../../db/queries/grants.ts';
import type { Clock } from '../../kernel/clock.ts';
import {
  ConsentNeeded,
  Misconfigured,
  NotFound,
  ProviderUnavailable,
  Refreshing,
  Revoked,
} from '../../kernel/errors.ts';
import type { GrantTelling } from '../../kernel/grant-telling.ts';
import { isUsable } from './grant-clock.ts';
import { tellGrant } from './told-grant.ts';
import type { GrantFacts } from '../../db/queries/grants.ts';
import { ANY_FRESH } from './grant-verdict.ts';
import type { TokenKeeper } from './token-keeper.ts';

/** What may be told of a grant, and whether it was renewed for it. */
export interface RefreshedTelling {
  readonly telling: GrantTelling;
  readonly refreshed: boolean;
}

/** Tells how grants stand, and sees to it that one is fresh. */
export class GrantTeller {
  readonly #clock: Clock;
  readonly #keeper: TokenKeeper;

  constructor({ clock, keeper }: { clock: Clock; keeper: TokenKeeper }) {
    this.#clock = clock;
    this.#keeper = keeper;
  }

  /** Throws `NotFound`. */
  async tell(workspaceId: string, slug: string): Promise<GrantTelling> {
    return tellGrant(await this.#facts(workspaceId, slug), this.#clock.now());
  }

  /** Every grant of the workspace; renews none. */
  async tellAll(workspaceId: string): Promise<GrantTelling[]> {
    const now = this.#clock.now();
    return (await grantsOf(workspaceId)).map((facts) => tellGrant(facts, now));
  }

  /**
   * Makes sure that a grant is fresh, or renews it in any case where a person `insists`. A grant that needs a person is
   * an answer. Throws `NotFound`, and `Refreshing` or `ProviderUnavailable` where the access token has ended besides.
   */
  async refresh(workspaceId: string, slug: string, insists: boolean): Promise<RefreshedTelling> {
    const before = await this.#facts(workspaceId, slug);
    const told = tellGrant(before, this.#clock.now());
    if (told.state === 'static' || (told.state === 'fresh' && !insists)) return { telling: told, refreshed: false };

    const wish = insists ? { above: before.generation, insists, aheadMs: 0 } : ANY_FRESH;
    const obstacle = await this.#keeper
      .fresh({ workspaceId, connectionId: before.connectionId }, wish)
      .then(() => null, obstacleOf);
    const after = await this.#facts(workspaceId, slug);
    if (obstacle && isPassing(obstacle) && !isUsable(after, this.#clock.now())) throw obstacle;
    return { telling: tellGrant(after, this.#clock.now()), refreshed: after.generation > before.generation };
  }

  async #facts(workspaceId: string, slug: string): Promise<GrantFacts> {
    const facts = await grantBySlug(workspaceId, slug);
    if (!facts) throw new NotFound('connection', slug);
    return facts;
  }
}

type Passing = Refreshing | ProviderUnavailable;
type Obstacle = Passing | ConsentNeeded | Misconfigured | Revoked;

function isPassing(obstacle: Obstacle): obstacle is Passing {
  return obstacle instanceof Refreshing || obstacle instanceof ProviderUnavailable;
}

function obstacleOf(error: unknown): Obstacle {
  if (error instanceof ConsentNeeded || error instanceof Misconfigured || error instanceof Revoked) return error;
  if (error instanceof Refreshing || error instanceof ProviderUnavailable) return error;
  throw error;
}
