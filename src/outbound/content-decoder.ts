import type { Transform } from 'node:stream';
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from 'node:zlib';

/** A body coded more often than this is kept as it came. */
const MAX_CODINGS = 4;

/** RFC 9659: a content coding's window is 8 MiB at most, so that a reader's memory is bounded. */
const ZSTD_WINDOW_LOG_MAX = 23;

type MakeLayer = (first: Buffer) => Transform;

/** Takes decoded bytes; a promise holds back the next ones, and `enough` ends the decoding. */
export type TakeDecoded = (bytes: Buffer) => Promise<void> | 'enough' | null;

const LAYERS = new Map<string, MakeLayer>([
  ['gzip', () => createGunzip()],
  ['x-gzip', () => createGunzip()],
  // Some servers send the bare format under this name (RFC 9110, section 8.4.1.2).
  ['deflate', (first) => ((first[0]! & 0x0f) === 8 ? createInflate() : createInflateRaw())],
  ['br', () => createBrotliDecompress()],
  ['zstd', () => createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG_MAX } })],
]);

/** Takes content codings off (RFC 9110, section 8.4) until there is enough; memory does not grow with the body. */
export class ContentDecoder {
  readonly #makers: readonly MakeLayer[];
  readonly #take: TakeDecoded;
  #layers: Transform[] = [];
  #hasFailed = false;
  #isDone = false;
  #ended: () => void = () => {};

  private constructor(makers: readonly MakeLayer[], take: TakeDecoded) {
    this.#makers = makers;
    this.#take = take;
  }

  /** A decoder for the codings in the order they were applied; null where there is none or one is unknown. */
  static for(codings: readonly string[], take: TakeDecoded): ContentDecoder | null {
    const makers = codings.map((coding) => LAYERS.get(coding));
    if (makers.length === 0 || makers.length > MAX_CODINGS || makers.includes(undefined)) return null;
    return new ContentDecoder(makers.filter((maker) => maker !== undefined).toReversed(), take);
  }

  write(chunk: Buffer): Promise<void> | null {
    if (this.#isDone) return null;
    if (this.#layers.length === 0) this.#build(0, chunk);
    const first = this.#layers[0]!;
    if (first.write(chunk)) return null;
    return new Promise((resolve) => {
      first.once('drain', resolve);
      first.once('close', resolve);
    });
  }

  /** Takes the rest off, and tells whether the bytes decode. */
  async end(isWhole: boolean): Promise<boolean> {
    if (!this.#isDone && this.#layers.length > 0) await (isWhole ? this.#finish() : this.#flush());
    this.#stop();
    return !this.#hasFailed;
  }

  /** Makes the layer at `index`, and the next ones when its first bytes come out: `deflate` has to see them. */
  #build(index: number, first: Buffer): void {
    const layer = this.#makers[index]!(first);
    this.#layers.push(layer);
    layer.on('error', () => this.#fail());
    layer.on('data', (chunk: Buffer) => this.#pass(index + 1, chunk));
    layer.on('end', () => {
      const next = this.#layers[index + 1];
      if (next) next.end();
      else this.#ended();
    });
  }

  #pass(index: number, chunk: Buffer): void {
    if (this.#isDone) return;
    if (index === this.#makers.length) return this.#give(this.#layers[index - 1]!, chunk);
    if (this.#layers.length === index) this.#build(index, chunk);
    const before = this.#layers[index - 1]!;
    const layer = this.#layers[index]!;
    if (layer.write(chunk)) return;
    before.pause();
    layer.once('drain', () => before.resume());
  }

  #give(last: Transform, chunk: Buffer): void {
    const lagging = this.#take(chunk);
    if (lagging === 'enough') return this.#stop();
    if (!lagging) return;
    last.pause();
    lagging.then(
      () => last.resume(),
      () => this.#fail(),
    );
  }

  /** Waits for the end of the last layer, or for whatever stops us before. */
  #finish(): Promise<void> {
    return new Promise((resolve) => {
      this.#ended = resolve;
      this.#layers[0]!.end();
    });
  }

  /** What came so far of a body that was cut off, layer by layer. */
  async #flush(): Promise<void> {
    for (const layer of this.#layers) {
      if (layer.destroyed) return;
      await new Promise<void>((resolve) => {
        layer.once('close', resolve);
        layer.write(Buffer.alloc(0), () => resolve());
      });
    }
  }

  #fail(): void {
    if (!this.#isDone) this.#hasFailed = true;
    this.#stop();
  }

  #stop(): void {
    this.#isDone = true;
    for (const layer of this.#layers) layer.destroy();
    this.#ended();
  }
}
