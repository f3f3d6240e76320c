import {
  type KeyUse,
  keyUses,
  replaceSealed,
  SEALED_COLUMNS,
  type SealedColumn,
  sealedByOthers,
  type SealedValue,
} from '../db/queries/sealed-values.ts';
import { durably, session } from '../db/session.ts';
import { withSystem } from '../db/system.ts';
import { Conflict } from '../kernel/errors.ts';
import type { Instances } from '../kernel/instance.ts';
import type { Vault } from '../kernel/vault.ts';
import { Instance } from '../model/instance.ts';
import type { KeyRing } from '../secrets/keys.ts';
import { SealBroken } from '../secrets/vault.ts';
import { forgetAppKey } from './start-up.ts';

/** How many values are sealed anew in one transaction. */
const BATCH = 500;

/** What came of sealing everything anew. */
export interface Resealed {
  readonly values: number;
  /** Places whose value does not open with any key we have; they stay as they are. */
  readonly broken: readonly string[];
}

interface Parts {
  readonly keys: KeyRing;
  readonly vault: Vault;
  readonly instances: Instances;
}

/**
 * Seals everything anew with the first key, while Callbook runs: in small transactions, each value only where it has not
 * changed meanwhile. It can be cut off at any moment and goes on where it was.
 */
export class KeyRotation {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** How many values each key has sealed. */
  uses(): Promise<KeyUse[]> {
    return withSystem(keyUses);
  }

  /** The key that seals, and those that only open. */
  get keys(): { readonly first: string; readonly others: readonly string[] } {
    const { primary, keys } = this.#parts.keys;
    return { first: primary.kid, others: keys.map(({ kid }) => kid).filter((kid) => kid !== primary.kid) };
  }

  /** Processes of Callbook that run now, as `pid` and whether they seal with the first key. */
  async running(): Promise<readonly { readonly pid: number; readonly sealsAlike: boolean }[]> {
    const { instances, keys } = this.#parts;
    const entered = await withSystem(() => session.find(Instance, {}, { fields: ['id', 'pid', 'keyId'] }));
    const alive = await Promise.all(entered.map(({ id }) => instances.isAlive(id)));
    return entered
      .filter((_, index) => alive[index])
      .map(({ pid, keyId }) => ({ pid, sealsAlike: keyId === keys.primary.kid }));
  }

  /**
   * Seals every value of another key anew; `onBatch` hears how many so far. Throws `Conflict` while a process runs that
   * seals with another key: it might not open what we seal.
   */
  async reseal(onBatch: (values: number) => void): Promise<Resealed> {
    const strangers = (await this.running()).filter(({ sealsAlike }) => !sealsAlike);
    if (strangers.length > 0)
      throw new Conflict(
        `Process ${strangers.map(({ pid }) => pid).join(', ')} still seals with another key. Restart it with the new key first. Nothing was changed.`,
      );
    const broken: string[] = [];
    let values = 0;
    for (const column of SEALED_COLUMNS) {
      for await (const count of this.#batches(column, broken)) {
        values += count;
        onBatch(values);
      }
    }
    return { values, broken };
  }

  /** Forgets keys that have sealed nothing that is here, so that Callbook starts without them; gives their ids. */
  async forgetUnused(): Promise<readonly string[]> {
    const used = new Set((await this.uses()).map(({ kid }) => kid));
    const unused = this.keys.others.filter((kid) => !used.has(kid));
    for (const kid of unused) await forgetAppKey(kid);
    return unused;
  }

  /** Gives how many values each batch has sealed anew. */
  async *#batches(column: SealedColumn, broken: string[]): AsyncGenerator<number> {
    const { primary } = this.#parts.keys;
    for (let after = ''; ;) {
      const found = await withSystem(() => sealedByOthers(column, primary.kid, after, BATCH));
      const last = found.at(-1);
      if (!last) return;
      after = last.id;
      yield await this.#resealed(column, found, broken);
    }
  }

  async #resealed(column: SealedColumn, found: readonly SealedValue[], broken: string[]): Promise<number> {
    const anew = found.map((value) => ({ value, sealed: this.#sealedAnew(column, value) }));
    broken.push(
      ...anew
        .filter(({ sealed }) => sealed === null)
        .map(({ value }) => `${column.table}.${column.column} of ${value.id}`),
    );
    return withSystem(() =>
      durably(async () => {
        let count = 0;
        for (const { value, sealed } of anew)
          if (sealed !== null && (await replaceSealed(column, value, sealed))) count += 1;
        return count;
      }),
    );
  }

  #sealedAnew({ table, column }: SealedColumn, { id, sealed }: SealedValue): string | null {
    const { vault } = this.#parts;
    const place = { table, column, row: id };
    try {
      return vault.seal(vault.open(sealed, place), place);
    } catch (error) {
      if (error instanceof SealBroken) return null;
      throw error;
    }
  }
}
