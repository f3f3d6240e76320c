import { startsAlone } from '../../kernel/auth.ts';
import { type AppError, ConsentNeeded, Misconfigured, ProviderUnavailable, Revoked } from '../../kernel/errors.ts';
import { isBackingOff, isExhausted, isFresh, isRecoveryDue, isRenewable, isRestored, isUsable } from './grant-clock.ts';
import { SEAL_BROKEN } from './grant-seals.ts';
import type { HeldGrant } from '../../db/queries/held-grant.ts';

/** When to look again where only a person can help, in seconds. */
const PERSON_S = 60;

/** What a caller wants of a grant. */
export interface Wish {
  /** The token must be of a later generation than this. */
  readonly above: number;
  /**
   * A person asks: neither back-off nor `misconfigured` stands in the way, nor `revoked` where no consent is needed, nor
   * `consent-needed` where a password is held.
   */
  readonly insists: boolean;
  /** It should stay fresh for this long, in milliseconds. */
  readonly aheadMs: number;
}

/** A token that is good now. */
export const ANY_FRESH: Wish = { above: -1, insists: false, aheadMs: 0 };

/** How the lease stands: `abandoned` when its time has run out or its process is dead. */
export type LeaseStanding = 'free' | 'live' | 'abandoned';

/** What is to be done for a wish. `spent`: the token has ended and there is nothing to renew it with. */
export type Verdict =
  | { readonly kind: 'serve' | 'renew' | 'wait' | 'recover' | 'spent' }
  | { readonly kind: 'refuse'; readonly error: AppError };

/**
 * Decides, from the row alone, what is to be done for a wish. The one place that knows the policy. A refresh token at
 * stake is seen to even while the access token is fresh: providers accept the old one for a short while only.
 */
export function judge(grant: HeldGrant, lease: LeaseStanding, wish: Wish, now: Date): Verdict {
  const refusal = refusalOf(grant, wish);
  if (refusal) return { kind: 'refuse', error: refusal };
  if (lease === 'abandoned') return { kind: 'recover' };

  const usable = isUsable(grant, now);
  const isEnough = usable && grant.generation > wish.above;
  if (lease === 'live') return { kind: isEnough ? 'serve' : 'wait' };
  if (isGranted(grant, wish, now) && !isRecoveryDue(grant, now)) return { kind: 'serve' };
  if (isRestored(grant) && isEnough) return { kind: 'serve' };
  if (!isRenewable(grant)) return { kind: usable ? 'serve' : 'spent' };
  if (wish.insists) return { kind: 'renew' };
  if (!isBackingOff(grant, now) && !isExhausted(grant)) return { kind: 'renew' };
  return usable ? { kind: 'serve' } : { kind: 'refuse', error: unavailable(grant, now) };
}

/** True when the row fulfils the wish as it stands. */
export function isGranted(grant: HeldGrant, wish: Wish, now: Date): boolean {
  return grant.generation > wish.above && isFresh(grant, now, wish.aheadMs);
}

function refusalOf(grant: HeldGrant, wish: Wish): AppError | null {
  const why = grant.detail ? ` ${grant.detail}` : '';
  switch (grant.state) {
    case 'consent-needed':
      return refusalOfConsent(grant, wish, why);
    case 'revoked':
      if (!startsAlone(grant.auth))
        return new Revoked(`The grant of ${grant.name} was revoked. Consent again to go on.`);
      return wish.insists ? null : new Revoked(`The grant of ${grant.name} was revoked. Renew it by hand to go on.`);
    case 'misconfigured':
      return wish.insists ? null : new Misconfigured(`${grant.name} is not set up as its provider wants it.${why}`);
    case 'missing':
      return isRenewable(grant) ? null : new ConsentNeeded(`${grant.name} has no grant yet. Consent first.`);
    case 'held':
    case 'ambiguous':
    case 'static':
      return null;
  }
}

/** The refresh token was taken away: using the password behind somebody's back could lock an account. */
function refusalOfConsent(grant: HeldGrant, wish: Wish, why: string): AppError | null {
  const { name, auth, reason, hasAccessToken, hasRefreshToken } = grant;
  // The key is back: what did not open does.
  if (reason === SEAL_BROKEN && (hasAccessToken || hasRefreshToken)) return null;
  if (auth.grantType !== 'password') return new ConsentNeeded(`${name} needs consent again.${why}`);
  if (wish.insists) return null;
  return new ConsentNeeded(`${name} needs a person: renew it by hand, and its password is used again.${why}`);
}

function unavailable(grant: HeldGrant, now: Date): ProviderUnavailable {
  if (isExhausted(grant)) {
    const what = `Nobody knows whether the provider of ${grant.name} renewed its grant, and its access token has ended. Renew it by hand or consent again.`;
    return new ProviderUnavailable(what, PERSON_S);
  }
  const seconds = Math.ceil(((grant.retryAt?.getTime() ?? 0) - now.getTime()) / 1000);
  const what = `The provider of ${grant.name} gives no token now. ${grant.detail ?? ''}`.trim();
  return new ProviderUnavailable(what, Math.max(1, seconds));
}
