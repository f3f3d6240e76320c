import { type AttemptCursor, type AttemptLine, attemptPage } from '../../db/queries/attempts.ts';
import { type ExchangeLine, exchangePage } from '../../db/queries/exchanges.ts';
import { type GrantFacts, grantBySlug } from '../../db/queries/grants.ts';
import { type HeldGrant, heldGrant } from '../../db/queries/held-grant.ts';
import type { AuthSecrets } from '../../kernel/auth.ts';
import type { Clock } from '../../kernel/clock.ts';
import { NotFound } from '../../kernel/errors.ts';
import type { ExchangeKind } from '../../kernel/exchange.ts';
import type { GrantTelling } from '../../kernel/grant-telling.ts';
import { type Actor, mayAct } from '../../kernel/role.ts';
import type { Vault } from '../../kernel/vault.ts';
import { type DecodedJwt, decodedJwt } from '../../oauth/jwt-claims.ts';
import { isExhausted, isRenewable, marginMs, RECOVERY_TRIES } from './grant-clock.ts';
import { placeOf } from './grant-seals.ts';
import { openSecrets, SecretsBroken } from './held-secrets.ts';
import { openToken, openTokens } from './live-secrets.ts';
import { tellGrant } from './told-grant.ts';
import { tokenCallMasker } from './token-call.ts';

/** Kinds of exchanges that Callbook makes with a provider on its own account. */
export const PROVIDER_KINDS = [
  'token',
  'authorization',
  'device',
  'revocation',
  'introspection',
] as const satisfies readonly ExchangeKind[];

/** Rows of the page's two lists. */
const ATTEMPTS = 20;
const CALLS = 10;

/** Everything that may be told of a grant on one page: never a token. */
export interface LifeOfGrant {
  readonly telling: GrantTelling;
  readonly facts: GrantFacts;
  readonly marginSeconds: number;
  /** A new token set can be had without a person. */
  readonly isRenewable: boolean;
  /** Recovery tries of an ambiguous grant: made, and how many there are. */
  readonly recovery: { readonly made: number; readonly most: number; readonly isOver: boolean };
  readonly attempts: readonly AttemptLine[];
  /** Where the next page of attempts begins; null after the last. */
  readonly older: AttemptCursor | null;
  /** The latest calls to the provider. */
  readonly calls: readonly ExchangeLine[];
  /** What the access token says of itself, for editors and owners; null where it is no JWT. */
  readonly token: DecodedJwt | null;
}

/** Tells the life of a grant: what it holds, who gave it, and what was tried to keep it. */
export class GrantLife {
  readonly #clock: Clock;
  readonly #vault: Vault;

  constructor({ clock, vault }: { clock: Clock; vault: Vault }) {
    this.#clock = clock;
    this.#vault = vault;
  }

  /** Attempts begin after `cursor`. Renews nothing. Throws `NotFound`. */
  async tell({ workspaceId, role }: Actor, slug: string, cursor: AttemptCursor | null): Promise<LifeOfGrant> {
    const now = this.#clock.now();
    const facts = await grantBySlug(workspaceId, slug);
    if (!facts) throw new NotFound('connection', slug);
    const { connectionId, auth } = facts;
    const rows = await attemptPage(workspaceId, connectionId, cursor, ATTEMPTS + 1);
    const attempts = rows.slice(0, ATTEMPTS);
    const made = facts.state === 'ambiguous' ? facts.failures : 0;
    return {
      telling: tellGrant(facts, now),
      facts,
      marginSeconds: Math.round(marginMs(facts) / 1000),
      isRenewable: isRenewable(facts),
      recovery: { made, most: RECOVERY_TRIES, isOver: isExhausted(facts) },
      attempts,
      older: rows.length > ATTEMPTS ? (attempts.at(-1) ?? null) : null,
      calls: await exchangePage(workspaceId, { connectionId, kinds: PROVIDER_KINDS }, null, CALLS),
      token: auth.type === 'oauth2' && mayAct(role, 'editor') ? await this.#decoded(facts) : null,
    };
  }

  /** Claims may repeat what is secret elsewhere, and hold tokens of their own. */
  async #decoded({ workspaceId, connectionId, id }: GrantFacts): Promise<DecodedJwt | null> {
    const grant = await heldGrant(workspaceId, connectionId);
    const token = openToken(this.#vault, grant.sealedAccessToken, placeOf(id, 'sealed_access_token'));
    const secrets = token === null ? null : this.#secretsOf(grant);
    if (token === null || secrets === null) return null;
    const masker = tokenCallMasker(grant.auth, secrets, openTokens(this.#vault, grant));
    return decodedJwt(token, (text) => masker.text(text));
  }

  /** Null where they do not open: nobody could tell then what of a token must not be shown. */
  #secretsOf({ connectionId, sealedSecrets }: HeldGrant): AuthSecrets | null {
    try {
      return openSecrets(this.#vault, connectionId, sealedSecrets);
    } catch (error) {
      if (error instanceof SecretsBroken) return null;
      throw error;
    }
  }
}
