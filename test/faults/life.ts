import type { Moment } from '../../src/kernel/checkpoint.ts';
import type { GrantPlace } from '../../src/services/grants/token-keeper.ts';

/** What a victim is started with. */
export interface Life {
  readonly databaseFile: string;
  /** It ends itself by SIGKILL when a renewal comes by here; null: it lives. */
  readonly diesAt: Moment | null;
  /** How far its clock is off. */
  readonly clockOffMs: number;
  /** Settings over the usual ones. */
  readonly env: Readonly<Record<string, string>>;
}

/** A connection to make, with the tokens of a grant that was consented to elsewhere. */
export interface Wanted {
  /** An address nobody listens at, where nothing is to be called. */
  readonly baseUrl?: string;
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly refreshToken: string;
  readonly accessToken: string;
  readonly expiresIn: number;
}

/** What a caller got: a token, or the code of a refusal; and after how long. */
export interface Got {
  readonly ms: number;
  readonly token?: { readonly accessToken: string; readonly generation: number };
  readonly code?: string;
}

/** What came of a call: its exchange's id, or the code of a refusal; and after how long. */
export interface Sent {
  readonly ms: number;
  readonly id?: string;
  readonly code?: string;
}

/** What a victim may be asked. */
export type Question =
  | { readonly ask: 'make'; readonly wanted: Wanted }
  /** So many callers at once; `above`: of a later generation than that. */
  | { readonly ask: 'fresh'; readonly place: GrantPlace; readonly callers: number; readonly above?: number }
  /** A call with the body of that number; see `api-book.ts`. */
  | { readonly ask: 'send'; readonly place: GrantPlace; readonly method: string; readonly number: number }
  /** From now on it ends itself there. */
  | { readonly ask: 'die'; readonly at: Moment }
  /** The next so many passages fail with an error. */
  | { readonly ask: 'fail'; readonly at: Moment; readonly times: number }
  /** Waits for the recovery of the start and for every renewal under way. */
  | { readonly ask: 'settle' }
  /** Sets its clock, as somebody at the machine does. */
  | { readonly ask: 'clock'; readonly offMs: number }
  /** A person gives a connection another name. */
  | { readonly ask: 'rename'; readonly place: GrantPlace; readonly name: string }
  /** The longest the event loop stood still since it was asked last, in milliseconds. */
  | { readonly ask: 'lag' }
  /** Milliseconds from an answer to its durable commit, of every renewal so far. */
  | { readonly ask: 'commits' }
  | { readonly ask: 'leave' };

/** What each question is answered with. */
export interface Replies {
  readonly make: GrantPlace;
  readonly fresh: readonly Got[];
  readonly send: Sent;
  readonly die: null;
  readonly fail: null;
  readonly settle: null;
  readonly clock: null;
  readonly rename: null;
  readonly lag: number;
  readonly commits: readonly number[];
  readonly leave: null;
}
