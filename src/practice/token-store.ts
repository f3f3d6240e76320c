import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import type { Clock } from '../kernel/clock.ts';
import type { Entry } from './practice-state.ts';
import type { StateFile } from './state-file.ts';

/** How long a spent refresh token is remembered, so that its reuse can end the family. */
const SPENT_MS = 24 * 60 * 60 * 1000;

/** What oidc-provider keeps of one model, in the state file. A spent token or code cannot be spent again, not even at once. */
export class TokenStore implements Adapter {
  readonly #model: string;
  readonly #file: StateFile;
  readonly #clock: Clock;

  constructor(model: string, file: StateFile, clock: Clock) {
    this.#model = model;
    this.#file = file;
    this.#clock = clock;
  }

  async upsert(id: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
    this.#forgetExpired();
    const expiresAt = expiresIn === undefined ? null : this.#now() + expiresIn * 1000;
    this.#entries[this.#key(id)] = { payload: { ...payload }, expiresAt };
    this.#file.touch();
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    const entry = this.#entries[this.#key(id)];
    return entry && this.#isAlive(entry) ? entry.payload : undefined;
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return this.#findBy('uid', uid);
  }

  async findByUserCode(userCode: string): Promise<AdapterPayload | undefined> {
    return this.#findBy('userCode', userCode);
  }

  /** Marks as spent. Throws `InvalidGrant`, and ends the family, where a neighbour was faster. */
  async consume(id: string): Promise<void> {
    const entry = this.#entries[this.#key(id)];
    if (!entry) throw new errors.InvalidGrant('not found');
    const { consumed, grantId } = entry.payload;
    if (consumed !== undefined) {
      if (typeof grantId === 'string') this.#forgetFamily(grantId);
      throw new errors.InvalidGrant('already used');
    }
    const payload = { ...entry.payload, consumed: Math.floor(this.#now() / 1000) };
    const expiresAt = Math.min(entry.expiresAt ?? Number.POSITIVE_INFINITY, this.#now() + SPENT_MS);
    this.#entries[this.#key(id)] = { payload, expiresAt };
    this.#file.touch();
  }

  async destroy(id: string): Promise<void> {
    delete this.#entries[this.#key(id)];
    this.#file.touch();
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    this.#forget(([key, { payload }]) => key.startsWith(`${this.#model}:`) && payload['grantId'] === grantId);
  }

  get #entries(): Record<string, Entry> {
    return this.#file.state.entries;
  }

  #findBy(field: string, value: string): AdapterPayload | undefined {
    const found = Object.entries(this.#entries).find(
      ([key, entry]) => key.startsWith(`${this.#model}:`) && entry.payload[field] === value && this.#isAlive(entry),
    );
    return found?.[1].payload;
  }

  #forgetFamily(grantId: string): void {
    this.#forget(([key, { payload }]) => payload['grantId'] === grantId || key === `Grant:${grantId}`);
  }

  #forgetExpired(): void {
    this.#forget(([, entry]) => !this.#isAlive(entry));
  }

  #forget(isGone: (entry: [string, Entry]) => boolean): void {
    const kept = Object.entries(this.#entries).filter((entry) => !isGone(entry));
    this.#file.state.entries = Object.fromEntries(kept);
    this.#file.touch();
  }

  #isAlive({ expiresAt }: Entry): boolean {
    return expiresAt === null || expiresAt > this.#now();
  }

  #key(id: string): string {
    return `${this.#model}:${id}`;
  }

  #now(): number {
    return this.#clock.now().getTime();
  }
}
