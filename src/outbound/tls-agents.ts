import { hash } from 'node:crypto';
import type { Agent } from 'undici';
import { Handshake, type Identity } from './handshake.ts';

/** Identities that are kept at once, and how long one is kept that nobody uses: reading authorities takes 40 ms. */
const MOST = 32;
const IDLE_MS = 5 * 60_000;

interface Parts {
  /** An agent whose connections all begin with this handshake. */
  readonly make: (handshake: Handshake) => Agent;
  readonly idleMs?: number;
}

interface Kept {
  readonly agent: Agent;
  usedAt: number;
}

/**
 * Agents by TLS identity: a connection on which a certificate was shown carries no call that shows another one or none,
 * and what one connection's authorities vouched for serves nobody who does not trust them.
 */
export class TlsAgents {
  readonly #make: Parts['make'];
  readonly #idleMs: number;
  readonly #usual: Agent;
  /** By a digest of the identity, the one that was used longest ago first. */
  readonly #kept = new Map<string, Kept>();
  readonly #closing = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | null = null;

  constructor({ make, idleMs = IDLE_MS }: Parts) {
    this.#make = make;
    this.#idleMs = idleMs;
    this.#usual = make(new Handshake(null));
  }

  /** How many identities are kept now, besides the usual one. */
  get size(): number {
    return this.#kept.size;
  }

  /** The agent for this identity, null for the usual one. Use it at once: it may be closed later on. */
  of(identity: Identity | null): Agent {
    if (!identity) return this.#usual;
    const key = keyOf(identity);
    const kept = this.#kept.get(key) ?? { agent: this.#make(new Handshake(identity)), usedAt: 0 };
    kept.usedAt = performance.now();
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    const [longestAgo] = this.#kept.keys();
    if (this.#kept.size > MOST && longestAgo !== undefined) this.#drop(longestAgo);
    if (!this.#timer) this.#watch();
    return kept.agent;
  }

  /** Closes every connection that is idle and every other one when it becomes so. */
  async close(): Promise<void> {
    clearTimeout(this.#timer ?? undefined);
    for (const key of this.#kept.keys()) this.#drop(key);
    await Promise.all([this.#usual.close(), ...this.#closing]);
  }

  /** Calls on their way come to their end first. */
  #drop(key: string): void {
    const closing = this.#kept.get(key)!.agent.close();
    this.#kept.delete(key);
    this.#closing.add(closing);
    void closing.finally(() => this.#closing.delete(closing));
  }

  #dropIdle(): void {
    const since = performance.now() - this.#idleMs;
    for (const [key, { usedAt }] of this.#kept) if (usedAt <= since) this.#drop(key);
    this.#timer = null;
    if (this.#kept.size > 0) this.#watch();
  }

  #watch(): void {
    this.#timer = setTimeout(() => this.#dropIdle(), this.#idleMs).unref();
  }
}

/** A digest, so that no key lies about once more. */
function keyOf({ authorities, client }: Identity): string {
  return hash('sha256', JSON.stringify([authorities, client?.certificate, client?.key]), 'base64url');
}
