import { setTimeout as delay } from 'node:timers/promises';
import { type HeldGrant, heldGrant } from '../../db/queries/held-grant.ts';
import { withSession } from '../../db/session.ts';
import type { Clock } from '../../kernel/clock.ts';
import { ConsentNeeded, Refreshing } from '../../kernel/errors.ts';
import type { Instances } from '../../kernel/instance.ts';
import { SingleFlight } from '../../kernel/single-flight.ts';
import type { Vault } from '../../kernel/vault.ts';
import { isLeased } from './grant-clock.ts';
import { type GrantLedger, placeOf } from './grant-ledger.ts';
import { ANY_FRESH, isGranted, judge, type LeaseStanding, type Verdict, type Wish } from './grant-verdict.ts';
import type { FreshToken, Landing, Renewal } from './renewal.ts';

/** How long a caller waits for a neighbour's renewal, and how often it looks. */
const WAIT_MS = 20_000;
const LOOK_MS = 100;

/** Which grant: a connection of a workspace. */
export interface GrantPlace {
  readonly workspaceId: string;
  readonly connectionId: string;
}

interface Parts {
  readonly clock: Clock;
  readonly vault: Vault;
  readonly instances: Instances;
  readonly ledger: GrantLedger;
  readonly renewal: Renewal;
  /** From 0 to 1; spreads the looks of waiting callers. */
  readonly chance: () => number;
}

/** Keeps grants fresh: one token call in flight per connection, however many tabs, requests and processes ask. */
export class TokenKeeper {
  readonly #parts: Parts;
  readonly #flights = new SingleFlight<Landing>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * An access token that is good now, and its generation. Where no new one can be had, the old one serves until it
   * ends; compare generations to see what you got.
   * Throws `ConsentNeeded`, `Revoked`, `Misconfigured`, `ProviderUnavailable` or `Refreshing`, each saying what to do.
   */
  async fresh(place: GrantPlace, wish: Wish = ANY_FRESH): Promise<FreshToken> {
    const until = performance.now() + WAIT_MS;
    let wanted = wish;
    for (;;) {
      const grant = await this.#read(place);
      const verdict = await this.#judge(grant, wanted);
      switch (verdict.kind) {
        case 'serve':
          return this.#serve(grant);
        case 'refuse':
          throw verdict.error;
        case 'spent':
          await this.#spend(grant);
          break;
        case 'recover':
          await this.#parts.ledger.recover(grant);
          break;
        case 'wait':
          await this.#waitForMove(grant, until);
          break;
        case 'renew': {
          const landing = await this.#flights.join(keyOf(grant), () => this.#fly(grant));
          if (landing.kind === 'granted' && landing.token.generation > wish.above) return landing.token;
          if (landing.kind === 'busy') await this.#waitForMove(grant, until);
          else wanted = { ...wish, insists: false };
        }
      }
    }
  }

  /** Resolves when the renewals under way now have landed. */
  landed(): Promise<void> {
    return this.#flights.landed();
  }

  /** In nobody's context. An answer nobody has is tried again at once: many providers keep a grace window. */
  async #fly(grant: HeldGrant): Promise<Landing> {
    const landing = await this.#parts.renewal.fly(grant);
    if (landing.kind !== 'ambiguous' || grant.state === 'ambiguous') return landing;

    const now = await withSession(grant.workspaceId, () => this.#read(grant));
    return now.state === 'ambiguous' && now.generation === grant.generation ? this.#parts.renewal.fly(now) : landing;
  }

  /** A flight of this process for the same generation is joined before anything else is thought of. */
  async #judge(grant: HeldGrant, wish: Wish): Promise<Verdict> {
    const now = this.#parts.clock.now();
    const isUnderway = this.#flights.underway(keyOf(grant)) !== undefined;
    if (isUnderway && !isGranted(grant, wish, now)) return { kind: 'renew' };
    return judge(grant, await this.#leaseOf(grant), wish, now);
  }

  #read({ workspaceId, connectionId }: GrantPlace): Promise<HeldGrant> {
    return heldGrant(workspaceId, connectionId);
  }

  #serve({ id, sealedAccessToken, generation }: HeldGrant): FreshToken {
    const accessToken = this.#parts.vault.open(sealedAccessToken ?? '', placeOf(id, 'sealed_access_token'));
    return { accessToken, generation };
  }

  /** The access token has ended and nothing renews it: only a person can. */
  async #spend(grant: HeldGrant): Promise<void> {
    const detail = 'The access token has ended, and there is no refresh token to renew it with.';
    const standing = { state: 'consent-needed' as const, reason: 'expired', detail, failures: 0, retryAt: null };
    if (await this.#parts.ledger.move(grant, standing))
      throw new ConsentNeeded(`${grant.name} needs consent again. ${detail}`);
  }

  async #leaseOf(grant: HeldGrant): Promise<LeaseStanding> {
    if (grant.leaseInstance === null) return 'free';
    const isHeld = isLeased(grant, this.#parts.clock.now());
    return isHeld && (await this.#parts.instances.isAlive(grant.leaseInstance)) ? 'live' : 'abandoned';
  }

  /** Waits until the grant has moved or its lease is free. Throws `Refreshing` when it takes too long. */
  async #waitForMove(seen: HeldGrant, until: number): Promise<void> {
    for (;;) {
      if (performance.now() > until)
        throw new Refreshing(`${seen.name} is being renewed elsewhere. Try again in a moment.`);
      await delay(LOOK_MS * (0.5 + this.#parts.chance()));
      const now = await this.#read(seen);
      if (now.generation !== seen.generation || now.state !== seen.state || (await this.#leaseOf(now)) !== 'live')
        return;
    }
  }
}

function keyOf({ connectionId, generation }: HeldGrant): string {
  return `${connectionId}@${generation}`;
}
