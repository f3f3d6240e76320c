/** Where escapes stood: in what they became, and in the source. */
export class Sites {
  #from: number[] = [];
  #to: number[] = [];
  #source: number[] = [];
  #sourceEnd: number[] = [];

  /** The last one's ends; -1 without any. */
  get last(): { readonly to: number; readonly sourceEnd: number } {
    return { to: this.#to.at(-1) ?? -1, sourceEnd: this.#sourceEnd.at(-1) ?? -1 };
  }

  copy(): Sites {
    const copy = new Sites();
    copy.#from = this.#from.slice();
    copy.#to = this.#to.slice();
    copy.#source = this.#source.slice();
    copy.#sourceEnd = this.#sourceEnd.slice();
    return copy;
  }

  add(from: number, to: number, source: number, sourceEnd: number): void {
    this.#from.push(from);
    this.#to.push(to);
    this.#source.push(source);
    this.#sourceEnd.push(sourceEnd);
  }

  /** Where the byte at `at` begins in the source. */
  sourceStart(at: number): number {
    return this.#sourceOf(at, this.#source, 0);
  }

  /** Where the byte at `at` ends in the source. */
  sourceEnd(at: number): number {
    return this.#sourceOf(at, this.#sourceEnd, 1);
  }

  /** Drops all but the last of those that begin before. */
  forget(before: number): void {
    const count = this.#lastUpTo(before - 1);
    if (count <= 0) return;
    this.#from = this.#from.slice(count);
    this.#to = this.#to.slice(count);
    this.#source = this.#source.slice(count);
    this.#sourceEnd = this.#sourceEnd.slice(count);
  }

  #sourceOf(at: number, edges: readonly number[], width: number): number {
    const site = this.#lastUpTo(at);
    if (site < 0) return at + width;
    const to = this.#to[site]!;
    return at < to ? edges[site]! : this.#sourceEnd[site]! + (at - to) + width;
  }

  #lastUpTo(at: number): number {
    let low = 0;
    let high = this.#from.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#from[middle]! <= at) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
