/** A text that must last although the database would not take it. */
export interface SpilledText {
  readonly text: string;
  /** Zeroes it for good, now that the database has it. Where a living neighbour wrote it, it is left to that one. */
  forget(): Promise<void>;
}

/** What others have spilled, and how many pieces of dead ones could not be read any more: cut off or changed. */
export interface FoundTexts {
  readonly texts: readonly SpilledText[];
  readonly broken: number;
}

/** Room on the disk that was taken beforehand, for what a full one must not lose. Made by the engine, passed as a part. */
export interface Spill {
  /** Takes the room, if this process has none yet. */
  prepare(): Promise<void>;
  /** Writes a text down; it is on the disk when this resolves. */
  keep(text: string): Promise<SpilledText>;
  /** What other processes have spilled and not forgotten, dead or alive. */
  find(): Promise<FoundTexts>;
  /** Gives the room back, unless something stands in it. */
  close(): Promise<void>;
}
