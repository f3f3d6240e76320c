/** Collects up to so many bytes and remembers whether there were more. */
export class CappedBytes {
  readonly #keepBytes: number;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  #isOver = false;

  constructor(keepBytes: number) {
    this.#keepBytes = keepBytes;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  push(chunk: Buffer): void {
    const room = this.#keepBytes - this.#bytes;
    if (chunk.length > room) this.#isOver = true;
    if (room <= 0) return;
    const kept = chunk.length > room ? chunk.subarray(0, room) : chunk;
    this.#chunks.push(kept);
    this.#bytes += kept.length;
  }

  taken(): { bytes: Uint8Array; truncated: boolean } {
    return { bytes: Buffer.concat(this.#chunks), truncated: this.#isOver };
  }
}
