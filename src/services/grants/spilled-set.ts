import type { TokenSet } from '../../kernel/token-reply.ts';
import type { Vault } from '../../kernel/vault.ts';
import { SealBroken } from '../../secrets/vault.ts';

/** A token set on its way into a grant: what it needs to find its place there. */
export interface SpilledSet {
  readonly grantId: string;
  readonly workspaceId: string;
  readonly connectionId: string;
  readonly slug: string;
  /** The generation and fence it set out from. */
  readonly generation: number;
  readonly fence: number;
  readonly attemptId: string;
  /** When the provider was asked. */
  readonly startedAt: Date;
  readonly tokens: TokenSet;
}

type Place = Omit<SpilledSet, 'tokens'>;

/** The set as a text without a readable secret: its tokens are sealed for this grant and generation. */
export function spilledText(vault: Vault, { tokens, ...place }: SpilledSet): string {
  return JSON.stringify({ ...place, sealed: vault.seal(JSON.stringify(tokens), placeOf(place)) });
}

/** Reads what `spilledText` wrote; null where it does not open, or was written by another version. */
export function readSpilled(vault: Vault, text: string): SpilledSet | null {
  try {
    const { sealed, ...place } = JSON.parse(text) as Place & { readonly sealed: string };
    const tokens = JSON.parse(vault.open(sealed, placeOf(place))) as TokenSet;
    const { expiresAt, refreshExpiresAt } = tokens;
    const dates = {
      expiresAt: new Date(expiresAt),
      refreshExpiresAt: refreshExpiresAt && new Date(refreshExpiresAt),
    };
    return { ...place, startedAt: new Date(place.startedAt), tokens: { ...tokens, ...dates } };
  } catch (error) {
    if (error instanceof SealBroken || error instanceof SyntaxError) return null;
    throw error;
  }
}

function placeOf({ grantId, generation }: Pick<Place, 'grantId' | 'generation'>) {
  return { table: 'spill', column: `${generation}`, row: grantId };
}
