import { generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import type { RandomBytes } from '../kernel/ids.ts';

/** What the provider keeps under one id; `expiresAt` in milliseconds since 1970, null for ever. */
export interface Entry {
  readonly payload: Record<string, unknown>;
  readonly expiresAt: number | null;
}

/** An order of the resource API. `total` is a whole number of the smallest coin, as text: it may pass 2^53. */
export interface Order {
  readonly id: string;
  readonly item: string;
  readonly quantity: number;
  readonly state: string;
  readonly total: string;
  readonly changedAt: string;
}

/** Everything the practice API remembers over a restart. */
export interface PracticeState {
  readonly version: 1;
  readonly client: { readonly id: string; readonly secret: string };
  readonly cookieKeys: readonly string[];
  readonly keys: readonly JsonWebKey[];
  entries: Record<string, Entry>;
  orders: Record<string, Order>;
  nextOrder: number;
}

const SECRET_BYTES = 32;

/** The state of a first start: a client with a secret of its own, fresh keys, no tokens, no orders. */
export function firstState(random: RandomBytes): PracticeState {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    version: 1,
    client: { id: 'callbook', secret: random(SECRET_BYTES).toString('base64url') },
    cookieKeys: [random(SECRET_BYTES).toString('base64url')],
    keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'ES256', kid: random(8).toString('hex') }],
    entries: {},
    orders: {},
    nextOrder: 1001,
  };
}
