import { findApiKey, noteApiKeyUse, type FoundApiKey } from '../../db/queries/api-keys.ts';
import { withSystem } from '../../db/system.ts';
import type { Clock } from '../../kernel/clock.ts';
import { NotSignedIn, TooMany } from '../../kernel/errors.ts';
import { networkOf } from '../../kernel/network-of.ts';
import type { Program } from '../../kernel/role.ts';
import { hashToken } from '../../secrets/opaque-token.ts';
import type { Limit, RateLimiter } from '../rate-limiter.ts';

const MINUTE_MS = 60_000;
const BY_ADDRESS: Limit = { name: 'api-key:address', most: 30, windowMs: 5 * MINUTE_MS };
const WRONG = 'This API key opens nothing: it is wrong, revoked or expired.';
const TOO_OFTEN = 'Too many API keys that open nothing came from this address. Wait a little and try again.';
const MOST_SHUT_OUT = 10_000;

interface Parts {
  readonly clock: Clock;
  readonly limiter: Pick<RateLimiter, 'take'>;
}

/** Says which program is asking, by its API key. */
export class KeyGate {
  readonly #parts: Parts;
  /** Networks that failed too often, and until when: a program that never stops asking costs no further write. */
  readonly #shutOut = new Map<string, number>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * The program that holds `key`; that it was here is noted at most once a minute. Throws `NotSignedIn` for a key that
   * opens nothing, in the same words whatever is wrong with it, and `TooMany` after 30 such from one address (of IPv6, one
   * /64) within five minutes. A right key is let in all the same: only failures are counted.
   */
  async whoIs(key: string, address: string): Promise<Program> {
    const now = this.#parts.clock.now();
    const found = await withSystem(() => usable(key, now));
    if (found) return asProgram(found);
    await this.#countFailure(networkOf(address), now.getTime());
    throw new NotSignedIn(WRONG);
  }

  async #countFailure(network: string, now: number): Promise<void> {
    const until = this.#shutOut.get(network) ?? 0;
    if (until > now) throw new TooMany(TOO_OFTEN, Math.ceil((until - now) / 1000));
    try {
      await this.#parts.limiter.take(BY_ADDRESS, network);
    } catch (error) {
      if (!(error instanceof TooMany)) throw error;
      if (this.#shutOut.size >= MOST_SHUT_OUT) this.#shutOut.clear();
      this.#shutOut.set(network, now + error.retryAfterSeconds * 1000);
      throw new TooMany(TOO_OFTEN, error.retryAfterSeconds);
    }
  }
}

async function usable(key: string, now: Date): Promise<FoundApiKey | null> {
  const found = await findApiKey(hashToken(key));
  if (!found || found.revokedAt || (found.expiresAt && found.expiresAt <= now)) return null;
  const minuteAgo = new Date(now.getTime() - MINUTE_MS);
  if (!found.lastUsedAt || found.lastUsedAt <= minuteAgo) await noteApiKeyUse(found.keyId, now, minuteAgo);
  return found;
}

/** Records show the sender's name, and a key may be called like a person: the word before it tells them apart. */
function asProgram({ keyId, workspaceId, role, name }: FoundApiKey): Program {
  return { by: 'api-key', keyId, workspaceId, role, name: `API key ${name}` };
}
