import type { HeldGrant } from '../../db/queries/held-grant.ts';
import type { AuthSecrets } from '../../kernel/auth.ts';
import type { Masker } from '../../kernel/masker.ts';
import type { Vault } from '../../kernel/vault.ts';
import type { CallableConnection } from '../../db/queries/callable-connections.ts';
import { openSecrets } from '../grants/held-secrets.ts';
import { callMasker, openTokens } from '../grants/live-secrets.ts';

/** Connections whose secrets stay open at once. */
const MOST = 64;
const IDLE_MS = 60_000;

/** What a connection holds, opened, and the masker made of it. */
export interface Opened {
  readonly secrets: AuthSecrets;
  /** Every token of the grant. */
  readonly tokens: readonly string[];
  readonly masker: Masker;
}

interface Kept extends Opened {
  /** Moves with every edit of the connection and with every new token set. */
  readonly stamp: string;
  usedAt: number;
}

/**
 * Keeps the secrets of connections in use open, and their maskers made: both cost more than the rest of a call. One set
 * a connection, dropped for the next one and when nobody has called for a minute.
 */
export class OpenedSecrets {
  readonly #vault: Vault;
  readonly #idleMs: number;
  /** By the connection's id, the one that was used longest ago first. */
  readonly #kept = new Map<string, Kept>();
  #timer: NodeJS.Timeout | null = null;

  constructor({ vault, idleMs = IDLE_MS }: { readonly vault: Vault; readonly idleMs?: number }) {
    this.#vault = vault;
    this.#idleMs = idleMs;
  }

  /** How many sets are open now. */
  get size(): number {
    return this.#kept.size;
  }

  /**
   * The secrets of a connection whose grant stands at `generation`. `grant` is read only where they are not open yet;
   * null where the connection holds no OAuth grant. Throws `SecretsBroken`, and what `grant` throws.
   */
  async of(
    connection: CallableConnection,
    generation: number,
    grant: () => Promise<HeldGrant | null>,
  ): Promise<Opened> {
    const known = this.#kept.get(connection.id);
    return known?.stamp === stampOf(connection, generation)
      ? this.#keep(connection.id, known)
      : this.#open(connection, generation, await grant());
  }

  #open(connection: CallableConnection, generation: number, grant: HeldGrant | null): Opened {
    const { id, sealedSecrets } = connection;
    const secrets = openSecrets(this.#vault, id, sealedSecrets);
    const tokens = grant ? openTokens(this.#vault, grant) : [];
    const masker = callMasker(connection, secrets, tokens);
    const stamp = stampOf(connection, grant?.generation ?? generation);
    return this.#keep(id, { secrets, tokens, masker, stamp, usedAt: 0 });
  }

  #keep(id: string, kept: Kept): Kept {
    kept.usedAt = performance.now();
    this.#kept.delete(id);
    this.#kept.set(id, kept);
    const [longestAgo] = this.#kept.keys();
    if (this.#kept.size > MOST && longestAgo) this.#kept.delete(longestAgo);
    if (!this.#timer) this.#watch();
    return kept;
  }

  #dropIdle(): void {
    const since = performance.now() - this.#idleMs;
    for (const [id, { usedAt }] of this.#kept) if (usedAt <= since) this.#kept.delete(id);
    this.#timer = null;
    if (this.#kept.size > 0) this.#watch();
  }

  #watch(): void {
    this.#timer = setTimeout(() => this.#dropIdle(), this.#idleMs).unref();
  }
}

/** The sealed text itself differs with every sealing; the time tells edits apart after which generations begin anew. */
function stampOf({ updatedAt, sealedSecrets }: CallableConnection, generation: number): string {
  return `${updatedAt.getTime()} ${generation} ${sealedSecrets ?? ''}`;
}
