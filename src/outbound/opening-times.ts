/** The phases of opening a connection, in the order they happen. */
export type OpeningPhase = 'dns' | 'connect' | 'tls';

/** How long each phase of opening a connection took, in milliseconds; one that is under way, until now. */
export class OpeningTimes {
  readonly #spans = new Map<OpeningPhase, number>();
  #running: { readonly phase: OpeningPhase; readonly since: number } | null = null;

  /** Ends the phase before. */
  begin(phase: OpeningPhase): void {
    this.end();
    this.#running = { phase, since: performance.now() };
  }

  /** It is open, or will never be. */
  end(): void {
    if (this.#running) this.#spans.set(this.#running.phase, performance.now() - this.#running.since);
    this.#running = null;
  }

  /** Null where it came to no such phase. */
  of(phase: OpeningPhase): number | null {
    if (this.#running?.phase === phase) return performance.now() - this.#running.since;
    return this.#spans.get(phase) ?? null;
  }
}
