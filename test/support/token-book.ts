import type { Clock } from '../../src/kernel/clock.ts';

/** How a provider treats refresh tokens and how long its access tokens live. */
export interface TokenRules {
  /** Every refresh gives a new refresh token and spends the old one. */
  readonly rotation: boolean;
  /** Seconds in which a spent refresh token still works; 0 is strict. */
  readonly graceSeconds: number;
  /** A spent refresh token that comes again after its grace revokes everything of its family (RFC 9700, 4.14.2). */
  readonly revokesOnReuse: boolean;
  readonly accessTokenSeconds: number;
}

/** A token set as it is issued. */
export interface Issued {
  readonly accessToken: string;
  readonly refreshToken: string | null;
  readonly scope: string;
}

/** What came of redeeming a refresh token. */
export type Redeemed = { readonly kind: 'issued'; readonly tokens: Issued } | { readonly kind: 'refused' };

interface Family {
  readonly scope: string;
  isRevoked: boolean;
}

interface AccessToken {
  readonly family: Family;
  readonly until: number;
}

interface RefreshToken {
  readonly family: Family;
  spentAt: number | null;
}

/** Every token a provider ever issued, and whether it is still good. */
export class TokenBook {
  /** May be replaced at any time; what was issued before keeps its own lifetime. */
  rules: TokenRules;
  readonly #clock: Clock;
  readonly #newToken: (prefix: string) => string;
  readonly #access = new Map<string, AccessToken>();
  readonly #refresh = new Map<string, RefreshToken>();
  #doubleSpends = 0;
  #familiesRevoked = 0;

  constructor(rules: TokenRules, clock: Clock, newToken: (prefix: string) => string) {
    this.rules = rules;
    this.#clock = clock;
    this.#newToken = newToken;
  }

  /** Refresh tokens that came again after they were spent and their grace was over. */
  get doubleSpends(): number {
    return this.#doubleSpends;
  }

  get familiesRevoked(): number {
    return this.#familiesRevoked;
  }

  /** Starts a family; `withRefresh` says whether a refresh token comes along. */
  issue(scope: string, withRefresh: boolean): Issued {
    const family: Family = { scope, isRevoked: false };
    return { accessToken: this.#newAccess(family), refreshToken: withRefresh ? this.#newRefresh(family) : null, scope };
  }

  /** Redeems a refresh token by the rules (RFC 6749, section 6). */
  redeem(refreshToken: string): Redeemed {
    const held = this.#refresh.get(refreshToken);
    if (!held || held.family.isRevoked) return { kind: 'refused' };
    if (held.spentAt !== null && !this.#isInGrace(held.spentAt)) return this.#refuseSpent(held.family);
    const { family } = held;
    if (!this.rules.rotation) return issuedTo(family, this.#newAccess(family), null);
    held.spentAt ??= this.#clock.now().getTime();
    return issuedTo(family, this.#newAccess(family), this.#newRefresh(family));
  }

  /** True while an API should accept this access token. */
  isLive(accessToken: string): boolean {
    const held = this.#access.get(accessToken);
    return held !== undefined && !held.family.isRevoked && this.#clock.now().getTime() < held.until;
  }

  /** True while this refresh token would be redeemed. */
  isRedeemable(refreshToken: string): boolean {
    const held = this.#refresh.get(refreshToken);
    if (!held || held.family.isRevoked) return false;
    return held.spentAt === null || this.#isInGrace(held.spentAt);
  }

  /** Revokes the family a token belongs to (RFC 7009, section 2.1); an unknown token is no fault. */
  revoke(token: string): void {
    const family = (this.#access.get(token) ?? this.#refresh.get(token))?.family;
    if (family && !family.isRevoked) this.#revoke(family);
  }

  /** Forgets every access token, as an API does that wants new ones early; refresh tokens stay good. */
  expireAccessTokens(): void {
    this.#access.clear();
  }

  #refuseSpent(family: Family): Redeemed {
    this.#doubleSpends += 1;
    if (this.rules.revokesOnReuse) this.#revoke(family);
    return { kind: 'refused' };
  }

  #revoke(family: Family): void {
    family.isRevoked = true;
    this.#familiesRevoked += 1;
  }

  #isInGrace(spentAt: number): boolean {
    return this.#clock.now().getTime() < spentAt + this.rules.graceSeconds * 1000;
  }

  #newAccess(family: Family): string {
    const token = this.#newToken('access');
    this.#access.set(token, { family, until: this.#clock.now().getTime() + this.rules.accessTokenSeconds * 1000 });
    return token;
  }

  #newRefresh(family: Family): string {
    const token = this.#newToken('refresh');
    this.#refresh.set(token, { family, spentAt: null });
    return token;
  }
}

function issuedTo(family: Family, accessToken: string, refreshToken: string | null): Redeemed {
  return { kind: 'issued', tokens: { accessToken, refreshToken, scope: family.scope } };
}
