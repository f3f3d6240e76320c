import { setTimeout as delay } from 'node:timers/promises';
import { type HeldGrant, heldGrant } from '../../db/queries/held-grant.ts';
import { withSession } from '../../db/session.ts';
import type { Checkpoint } from '../../kernel/checkpoint.ts';
import type { Clock } from '../../kernel/clock.ts';
import { ConsentNeeded, DatabaseBusy, ProviderUnavailable, Refreshing } from '../../kernel/errors.ts';
import type { Instances } from '../../kernel/instance.ts';
import { SingleFlight } from '../../kernel/single-flight.ts';
import type { Vault } from '../../kernel/vault.ts';
import { isUsable } from './grant-clock.ts';
import { FlightPlaces } from './flight-places.ts';
import type { GrantLedger } from './grant-ledger.ts';
import { LeaseSightings } from './lease-sightings.ts';
import { asOpens, brokenSealsOf, placeOf, SEAL_BROKEN } from './grant-seals.ts';
import { ANY_FRESH, isGranted, judge, type LeaseStanding, type Verdict, type Wish } from './grant-verdict.ts';
import type { FreshToken, Landing, Renewal } from './renewal.ts';
import type { SpilledTokens } from './spilled-tokens.ts';

/** How long a caller waits for a neighbour's renewal, and how often it looks. */
const WAIT_MS = 20_000;
const LOOK_MS = 100;
const LOOKS = 10;

/** When to come back where a provider's tokens are of no use, in seconds. */
const RETRY_S = 5;

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
  readonly spilled: SpilledTokens;
  /** From 0 to 1; spreads the looks of waiting callers. */
  readonly chance: () => number;
  readonly checkpoint?: Checkpoint | undefined;
}

/** Keeps grants fresh: one token call in flight per connection, however many tabs, requests and processes ask. */
export class TokenKeeper {
  readonly #parts: Parts;
  readonly #flights = new SingleFlight<Landing>();
  readonly #watches = new SingleFlight<void>();
  readonly #places = new FlightPlaces();
  readonly #sightings = new LeaseSightings();

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
      wanted = attainable(wanted, grant);
      const verdict = await this.#judge(grant, wanted);
      if (await this.#isSpilled(grant, verdict)) {
        if (!(await this.#parts.spilled.settle(grant))) return this.#despite(grant, wanted);
        continue;
      }
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
          this.#parts.checkpoint?.('recovered');
          break;
        case 'wait':
          wanted = await this.#waitForMove(grant, wanted, until);
          break;
        case 'renew': {
          const landing = await this.#flights.join(keyOf(grant), () => this.#fly(grant));
          if (landing.kind === 'granted' && landing.token.generation > wanted.above)
            return this.#landed(grant, landing);
          if (landing.kind === 'busy') wanted = await this.#waitForMove(grant, wanted, until);
          else wanted = { ...wanted, insists: false };
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
    const leave = await this.#places.take(grant.auth, WAIT_MS);
    if (!leave) return { kind: 'busy' };
    return this.#flyInPlace(grant).finally(leave);
  }

  async #flyInPlace(grant: HeldGrant): Promise<Landing> {
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

  async #read({ workspaceId, connectionId }: GrantPlace): Promise<HeldGrant> {
    const { spilled, vault } = this.#parts;
    return asOpens(vault, spilled.over(await heldGrant(workspaceId, connectionId)));
  }

  /**
   * True where tokens of this grant wait for the database: nothing is asked of the provider before. A process that left
   * its lease may have left them too.
   */
  async #isSpilled(grant: HeldGrant, { kind }: Verdict): Promise<boolean> {
    if (kind === 'serve' || kind === 'refuse' || this.#flights.underway(keyOf(grant))) return false;
    if (kind === 'recover') await this.#parts.spilled.look();
    return this.#parts.spilled.holds(grant);
  }

  /** What serves although the database does not take what is new. Throws `DatabaseBusy` where nothing does. */
  async #despite(place: GrantPlace, { above }: Wish): Promise<FreshToken> {
    const grant = await this.#read(place);
    if (isUsable(grant, this.#parts.clock.now()) && grant.generation > above) return this.#serve(grant);
    throw new DatabaseBusy(`New tokens of ${grant.name} wait for the database. Try again in a moment.`);
  }

  /** Throws `ProviderUnavailable` for a token that had ended before it was here: it must not be sent. */
  #landed({ name }: HeldGrant, { token, expiresAt }: Extract<Landing, { kind: 'granted' }>): FreshToken {
    if (expiresAt > this.#parts.clock.now()) return token;
    throw new ProviderUnavailable(`The provider of ${name} gives tokens that end before they can be used.`, RETRY_S);
  }

  #serve({ id, sealedAccessToken, tokenType, generation }: HeldGrant): FreshToken {
    const accessToken = this.#parts.vault.open(sealedAccessToken ?? '', placeOf(id, 'sealed_access_token'));
    return { accessToken, tokenType, generation };
  }

  /** The access token has ended or does not open, and nothing renews it: only a person can. */
  async #spend(grant: HeldGrant): Promise<void> {
    const broken = brokenSealsOf(grant);
    const detail = broken ?? 'The access token has ended, and there is no refresh token to renew it with.';
    const reason = broken === null ? 'expired' : SEAL_BROKEN;
    const standing = { state: 'consent-needed' as const, reason, detail, failures: 0, retryAt: null };
    if (await this.#parts.ledger.move(grant, standing))
      throw new ConsentNeeded(`${grant.name} needs consent again. ${detail}`);
  }

  /** A lease of ours without a flight is one that crashed, and nobody else will take it up. */
  async #leaseOf(grant: HeldGrant): Promise<LeaseStanding> {
    const { leaseInstance } = grant;
    if (leaseInstance === null) {
      this.#sightings.forget(grant);
      return 'free';
    }
    const { clock, instances } = this.#parts;
    // Whatever the clock says: it may have been set since.
    if (leaseInstance === instances.self) return this.#flights.underway(keyOf(grant)) ? 'live' : 'abandoned';
    if (!(await instances.isAlive(leaseInstance))) return 'abandoned';
    return this.#sightings.isHeld(grant, clock.now()) ? 'live' : 'abandoned';
  }

  /**
   * Waits until the grant has moved, its lease is free, or it is time to look again: one look for all who wait here.
   * Gives the wish from there on: what a neighbour just got is good enough. Throws `Refreshing` when time is up.
   */
  async #waitForMove(seen: HeldGrant, wanted: Wish, until: number): Promise<Wish> {
    if (performance.now() > until)
      throw new Refreshing(`${seen.name} is being renewed elsewhere. Try again in a moment.`);
    await this.#watches.join(keyOf(seen), () => withSession(seen.workspaceId, () => this.#watch(seen)));
    return { ...wanted, aheadMs: 0 };
  }

  async #watch(seen: HeldGrant): Promise<void> {
    for (let looks = 0; looks < LOOKS; looks += 1) {
      await delay(LOOK_MS * (0.5 + this.#parts.chance()));
      const now = await this.#read(seen);
      if (now.fence !== seen.fence || now.state !== seen.state || (await this.#leaseOf(now)) !== 'live') return;
    }
  }
}

/** A wish that this row can fulfil: generations begin again when a connection had no OAuth for a while. */
function attainable(wish: Wish, { generation }: HeldGrant): Wish {
  return wish.above > generation ? { ...wish, above: generation } : wish;
}

function keyOf({ connectionId, generation }: HeldGrant): string {
  return `${connectionId}@${generation}`;
}
