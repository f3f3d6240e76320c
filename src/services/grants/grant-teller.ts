import { grantBySlug, grantsOf } from '../../db/queries/grants.ts';
import type { Clock } from '../../kernel/clock.ts';
import {
  Conflict,
  ConsentNeeded,
  Misconfigured,
  NotFound,
  ProviderUnavailable,
  Refreshing,
  Revoked,
} from '../../kernel/errors.ts';
import type { GrantTelling } from '../../kernel/grant-telling.ts';
import { isRenewable, isUsable } from './grant-clock.ts';
import { tellGrant } from './told-grant.ts';
import type { GrantFacts } from '../../db/queries/grants.ts';
import { ANY_FRESH } from './grant-verdict.ts';
import type { TokenKeeper } from './token-keeper.ts';

/** When to look again where nobody tries by itself, in seconds. */
const PERSON_S = 60;

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

  /**
   * Renews a grant, fresh or not, and tells of the new one. Throws `NotFound`, `Conflict` where there is no OAuth, and
   * what stands in the way otherwise, though the token held still serves: `ConsentNeeded`, `Misconfigured`, `Revoked`,
   * `Refreshing`, `ProviderUnavailable`.
   */
  async renew(workspaceId: string, slug: string): Promise<GrantTelling> {
    const before = await this.#facts(workspaceId, slug);
    if (before.auth.type !== 'oauth2')
      throw new Conflict(`${before.name} is not authorised by OAuth: there is no grant to renew.`);
    const place = { workspaceId, connectionId: before.connectionId };
    await this.#keeper.fresh(place, { above: before.generation, insists: true, aheadMs: 0 });
    const after = await this.#facts(workspaceId, slug);
    const now = this.#clock.now();
    if (after.generation <= before.generation) throw notRenewed(after, now);
    return tellGrant(after, now);
  }

  async #facts(workspaceId: string, slug: string): Promise<GrantFacts> {
    const facts = await grantBySlug(workspaceId, slug);
    if (!facts) throw new NotFound('connection', slug);
    return facts;
  }
}

/** The keeper was content with the token held; whoever asked for a new one is not. */
function notRenewed(grant: GrantFacts, now: Date): ConsentNeeded | ProviderUnavailable {
  const { name, detail, retryAt } = grant;
  const serves = 'The token held serves until it ends.';
  if (!isRenewable(grant))
    return new ConsentNeeded(`There is nothing to renew the grant of ${name} with: a person has to consent. ${serves}`);
  const seconds = retryAt ? Math.ceil((retryAt.getTime() - now.getTime()) / 1000) : PERSON_S;
  const what = `The provider of ${name} gave no new token.${detail ? ` ${detail}` : ''} ${serves}`;
  return new ProviderUnavailable(what, Math.max(1, seconds));
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
