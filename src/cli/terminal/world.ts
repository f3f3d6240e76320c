import type { Readable, Writable } from 'node:stream';

/** What a terminal gives besides text: keys as they are pressed, without showing them. */
export interface Input extends Readable {
  readonly isTTY?: boolean;
  setRawMode?(isRaw: boolean): unknown;
}

/** Where text goes. */
export interface Output extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** The world around a command; a process is one. */
export interface World {
  /** The process's own environment where it is left out. */
  readonly env?: NodeJS.ProcessEnv;
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Told once when somebody wants the command to end; a command that does not listen just ends. */
  once(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
}
