import { QueueFull } from '../kernel/errors.ts';

interface Lane {
  readonly key: string;
  inFlight: number;
  readonly line: Waiter[];
}

interface Waiter {
  readonly width: number;
  readonly admit: () => void;
}

/** Gives the place back; a second call does nothing. */
export type LeaveGate = () => void;

/**
 * Lets so many calls fly at once: `width` in all, and each lane's own width. What finds no place waits in a line of
 * `line` at most. Lanes take turns, and a full lane holds up nobody but itself.
 */
export class CallGate {
  readonly #limits: { readonly width: number; readonly line: number };
  /** Lanes with a call in flight or in line, the one whose turn is next first. */
  readonly #lanes = new Map<string, Lane>();
  #inFlight = 0;
  #waiting = 0;

  constructor(limits: { readonly width: number; readonly line: number }) {
    this.#limits = limits;
  }

  /**
   * Waits for a place. Throws `QueueFull` when the line is full, and the signal's reason when it is aborted meanwhile.
   */
  async enter({ key, width }: { key: string; width: number }, signal: AbortSignal): Promise<LeaveGate> {
    signal.throwIfAborted();
    const lane = this.#lanes.get(key) ?? { key, inFlight: 0, line: [] };
    const hasRoom = this.#inFlight < this.#limits.width && lane.inFlight < width && lane.line.length === 0;
    if (!hasRoom && this.#waiting >= this.#limits.line) throw new QueueFull();

    this.#lanes.set(key, lane);
    if (hasRoom) this.#take(lane);
    else await this.#wait(lane, width, signal);
    return this.#leaveOnce(lane);
  }

  #take(lane: Lane): void {
    lane.inFlight += 1;
    this.#inFlight += 1;
  }

  #wait(lane: Lane, width: number, signal: AbortSignal): Promise<void> {
    this.#waiting += 1;
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        width,
        admit: () => {
          signal.removeEventListener('abort', giveUp);
          resolve();
        },
      };
      const giveUp = () => {
        lane.line.splice(lane.line.indexOf(waiter), 1);
        this.#waiting -= 1;
        this.#forget(lane);
        reject(signal.reason);
      };
      signal.addEventListener('abort', giveUp, { once: true });
      lane.line.push(waiter);
    });
  }

  #leaveOnce(lane: Lane): LeaveGate {
    let isInside = true;
    return () => {
      if (!isInside) return;
      isInside = false;
      lane.inFlight -= 1;
      this.#inFlight -= 1;
      this.#admitNext();
      this.#forget(lane);
    };
  }

  #admitNext(): void {
    while (this.#waiting > 0 && this.#inFlight < this.#limits.width) {
      const lane = this.#nextLane();
      if (!lane) return;
      const waiter = lane.line.shift()!;
      this.#waiting -= 1;
      this.#take(lane);
      this.#lanes.delete(lane.key);
      this.#lanes.set(lane.key, lane);
      waiter.admit();
    }
  }

  #nextLane(): Lane | undefined {
    for (const lane of this.#lanes.values()) {
      const next = lane.line[0];
      if (next && lane.inFlight < next.width) return lane;
    }
    return undefined;
  }

  #forget(lane: Lane): void {
    if (lane.inFlight === 0 && lane.line.length === 0) this.#lanes.delete(lane.key);
  }
}
