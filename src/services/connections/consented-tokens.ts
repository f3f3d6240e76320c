import { heldGrant } from '../../db/queries/held-grant.ts';
import type { Clock } from '../../kernel/clock.ts';
import { DatabaseBusy } from '../../kernel/errors.ts';
import type { TokenSet } from '../../kernel/token-reply.ts';
import type { GrantLedger } from '../grants/grant-ledger.ts';
import { insistOn } from '../grants/insistence.ts';

/** How often storing is tried against a grant that moves, and how long against a database that cannot be had. */
const STORE_TRIES = 5;
const STORE_MS = 15_000;

/** Tokens that a person's consent brought. `startedAt` is when they were asked for. */
export interface ConsentedTokens {
  readonly workspaceId: string;
  readonly connectionId: string;
  readonly tokens: TokenSet;
  readonly startedAt: Date;
  readonly consentedBy: string;
  /** Done in the transaction that stores them; what it throws undoes both and comes through. */
  readonly alongside?: () => Promise<void>;
}

/**
 * Puts tokens in place of the grant held. Gives the new generation, or null when the grant would not hold still. What
 * brought them cannot be redeemed twice: insists.
 */
export async function keepConsented(
  { clock, ledger }: { readonly clock: Clock; readonly ledger: GrantLedger },
  { workspaceId, connectionId, tokens, startedAt, consentedBy, alongside }: ConsentedTokens,
): Promise<number | null> {
  const until = new Date(clock.now().getTime() + STORE_MS);
  const replace = async () => {
    const grant = await heldGrant(workspaceId, connectionId);
    return (await ledger.replace(grant, tokens, startedAt, consentedBy, alongside)) ? grant.generation + 1 : null;
  };
  for (let tries = 0; tries < STORE_TRIES; tries += 1) {
    const generation = await insistOn(replace, { clock, until, isPassing: isBusy });
    if (generation !== null) return generation;
  }
  return null;
}

/** A connection that was deleted meanwhile does not come back; a busy database does. */
function isBusy(fault: unknown): boolean {
  return fault instanceof DatabaseBusy;
}
