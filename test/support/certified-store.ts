import type { Adapter, AdapterPayload } from 'oidc-provider';

type Kept = Map<string, AdapterPayload>;

/** What oidc-provider keeps of one model, in memory. */
export class CertifiedStore implements Adapter {
  readonly #model: string;
  readonly #kept: Kept;

  constructor(model: string, kept: Kept) {
    this.#model = model;
    this.#kept = kept;
  }

  async upsert(id: string, payload: AdapterPayload): Promise<void> {
    this.#kept.set(this.#key(id), { ...payload });
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    return this.#kept.get(this.#key(id));
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return this.#by('uid', uid);
  }

  async findByUserCode(userCode: string): Promise<AdapterPayload | undefined> {
    return this.#by('userCode', userCode);
  }

  async consume(id: string): Promise<void> {
    const payload = this.#kept.get(this.#key(id));
    if (payload) payload.consumed = Math.floor(Date.now() / 1000);
  }

  async destroy(id: string): Promise<void> {
    this.#kept.delete(this.#key(id));
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    for (const [key, payload] of this.#kept)
      if (key.startsWith(`${this.#model}:`) && payload['grantId'] === grantId) this.#kept.delete(key);
  }

  #by(field: string, value: string): AdapterPayload | undefined {
    const found = [...this.#kept].find(([key, of]) => key.startsWith(`${this.#model}:`) && of[field] === value);
    return found?.[1];
  }

  #key(id: string): string {
    return `${this.#model}:${id}`;
  }
}
