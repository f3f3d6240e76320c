import type { CallResult, Hop, Timings } from '../../kernel/exchange.ts';
import type { AnswerHead } from '../../kernel/outbound.ts';
import type { TokenType } from '../../kernel/token-reply.ts';
import { wantsNonce } from '../../oauth/dpop.ts';
import { joinedTimings } from '../../outbound/hop-times.ts';
import { refusesToken } from '../grants/unauthorized.ts';

/** What a 401 may ask for before the same call is sent again: a later token, or a nonce in the proof (RFC 9449, section 9). */
export type ResendReason = 'renewal' | 'nonce';

/** One time a call was sent, and why again. */
export interface Sending {
  readonly result: CallResult;
  readonly generation: number;
  readonly why: ResendReason | null;
}

/** Every time one call was sent: once, and once more for each reason there is. */
export class Sendings {
  readonly first: CallResult;
  readonly #all: Sending[];
  readonly #tokenType: TokenType | null;
  readonly #origins: readonly string[];
  readonly #askedAt: number;
  #totalMs: number;

  /** `tokenType` is null for a call without a token: nothing makes it go out again. `origins` are those that get it. */
  constructor(result: CallResult, generation: number, tokenType: TokenType | null, origins: readonly string[]) {
    this.first = result;
    this.#all = [{ result, generation, why: null }];
    this.#tokenType = tokenType;
    this.#origins = origins;
    this.#totalMs = result.timings.total;
    this.#askedAt = performance.now() - this.#totalMs;
  }

  /** Call it when the answer is here: the time until now is the call's. */
  add(sending: Sending): void {
    this.#all.push(sending);
    this.#totalMs = performance.now() - this.#askedAt;
  }

  get last(): Sending {
    return this.#all.at(-1)!;
  }

  /** The status of the last answer; null where none came. */
  get status(): number | null {
    const { outcome } = this.last.result;
    return outcome.kind === 'answered' ? outcome.status : null;
  }

  get attempts(): number {
    return this.#all.length;
  }

  get hops(): readonly Hop[] {
    return this.#all.flatMap(({ result }, at) => result.hops.map((hop) => ({ ...hop, attempt: at + 1 })));
  }

  /** Over all of them, from asking for the first place to the last byte of the last answer. */
  get timings(): Timings {
    return joinedTimings(
      this.#all.map(({ result }) => result),
      this.#totalMs,
    );
  }

  /** What the last answer asks for, where it was not done yet. */
  get wanted(): ResendReason | null {
    const { outcome, hops } = this.last.result;
    // Whoever was asked after a redirect led elsewhere got no token, and says nothing about it.
    const sawToken = hops.every(({ url }) => this.#origins.includes(new URL(url).origin));
    const reason = outcome.kind === 'answered' && sawToken ? resendReason(outcome) : null;
    return reason && this.#left.includes(reason) ? reason : null;
  }

  /** Whether an answer to the next sending, made for this reason, may ask for another one still. */
  mayFollow(why: ResendReason): boolean {
    return this.#left.some((reason) => reason !== why);
  }

  /** True where a later token was refused as well. */
  get isRenewedInVain(): boolean {
    const { outcome } = this.last.result;
    const isRefused = this.status === 401 && outcome.kind === 'answered' && !wantsNonce(outcome);
    return isRefused && this.#all.some(({ why }) => why === 'renewal');
  }

  get #left(): ResendReason[] {
    const reasons = resendReasons(this.#tokenType);
    return reasons.filter((reason) => this.#all.every(({ why }) => why !== reason));
  }
}

/** What an answer asks for, or null. A nonce that is wanted is no word against the token. */
export function resendReason(head: AnswerHead): ResendReason | null {
  if (head.status !== 401) return null;
  if (wantsNonce(head)) return 'nonce';
  return refusesToken(head) ? 'renewal' : null;
}

function resendReasons(tokenType: TokenType | null): readonly ResendReason[] {
  if (tokenType === null) return [];
  return tokenType === 'dpop' ? ['nonce', 'renewal'] : ['renewal'];
}
