/** Lets a few pieces of work run at once and keeps a short line before them. */
export class WaitingLine {
  readonly #width: number;
  readonly #places: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor({ width, places }: { width: number; places: number }) {
    this.#width = width;
    this.#places = places;
  }

  /** Runs the work when its turn comes; null at once where the line is full. */
  enter<T>(work: () => Promise<T>): Promise<T> | null {
    if (this.#running >= this.#width && this.#waiting.length >= this.#places) return null;
    return this.#run(work);
  }

  async #run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#width) this.#running += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }
}
