import { heldGrant, type HeldGrant } from '../../db/queries/held-grant.ts';
import type { AuthSecrets } from '../../kernel/auth.ts';
import { NotFound } from '../../kernel/errors.ts';
import type { Masker } from '../../kernel/masker.ts';
import type { CallableConnection } from '../../db/queries/callable-connections.ts';
import { callMasker } from '../grants/live-secrets.ts';
import type { FreshToken } from '../grants/renewal.ts';
import type { Opened, OpenedSecrets } from './opened-secrets.ts';

/** What one call must not show: its connection's secrets, every token held since it began, and what it carried itself. */
export class CallMasks {
  readonly #opened: OpenedSecrets;
  readonly #connection: CallableConnection;
  /** Tokens of generations that this call has seen, and tokens and proofs that it carried itself. */
  readonly #seen = new Set<string>();
  #now: Opened | null = null;
  /** The grant that `#now` was opened for, and what was made of it: streams ask with every piece. */
  #grantSeen: string | null = null;
  #made: { readonly from: Opened; readonly tokens: number; readonly masker: Masker } | null = null;

  constructor(opened: OpenedSecrets, connection: CallableConnection) {
    this.#opened = opened;
    this.#connection = connection;
  }

  /** The secrets that credentials are made of. Throws when nothing was opened yet. */
  get secrets(): AuthSecrets {
    if (!this.#now) throw new Error('Nothing is open yet. Ask for the masker of the token first.');
    return this.#now.secrets;
  }

  /** The masker for sending with this token; null without OAuth. Throws `NotFound` when the grant is gone. */
  async with(token: FreshToken | null): Promise<Masker> {
    if (token) this.#seen.add(token.accessToken);
    const read = () => (token ? this.#grant() : Promise.resolve(null));
    return this.#add(await this.#opened.of(this.#connection, token?.generation ?? 0, read));
  }

  /** Something else that goes along and is for nobody to see. */
  carries(secret: string): void {
    this.#seen.add(secret);
  }

  /** The masker for the record, where the grant stands as it does now; null where there is none any more. */
  async at(grant: HeldGrant | null): Promise<Masker> {
    if (!grant) return this.#masker();
    const seal = `${grant.generation} ${grant.sealedAccessToken ?? ''} ${grant.sealedRefreshToken ?? ''}`;
    if (seal === this.#grantSeen) return this.#masker();
    this.#grantSeen = seal;
    return this.#add(await this.#opened.of(this.#connection, grant.generation, () => Promise.resolve(grant)));
  }

  /** The grant as it stands, or null: the connection may be gone by now, or authorised in another way. */
  async grantNow(): Promise<HeldGrant | null> {
    if (this.#connection.auth.type !== 'oauth2') return null;
    return this.#grant().catch((error: unknown) => {
      if (error instanceof NotFound) return null;
      throw error;
    });
  }

  #grant(): Promise<HeldGrant> {
    return heldGrant(this.#connection.workspaceId, this.#connection.id);
  }

  #add(opened: Opened): Masker {
    this.#now = opened;
    for (const token of opened.tokens) this.#seen.add(token);
    return this.#masker();
  }

  /** The one kept for everybody does, unless this call has seen tokens that are held no more. */
  #masker(): Masker {
    if (!this.#now) throw new Error('Nothing is open yet. Ask for the masker of the token first.');
    const { tokens, masker, secrets } = this.#now;
    if (this.#seen.size === new Set(tokens).size) return masker;
    if (this.#made?.from !== this.#now || this.#made.tokens !== this.#seen.size) {
      const made = callMasker(this.#connection, secrets, this.#seen);
      this.#made = { from: this.#now, tokens: this.#seen.size, masker: made };
    }
    return this.#made.masker;
  }
}
