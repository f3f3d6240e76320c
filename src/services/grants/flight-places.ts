import type { OAuth2Settings } from '../../kernel/auth.ts';
import { CallGate, type LeaveGate } from '../../outbound/call-gate.ts';
import { PROVIDER_WIDTH } from './token-call.ts';

/** Renewals under way at once in this process. */
const WIDTH = 64;
/** Longer than there are grants. */
const LINE = 1_000_000;

/**
 * Places for renewals, as many as their providers may be asked at once. Whoever has none waits before the lease is
 * taken: a lease must not run out in a line, and pages must not wait behind the bookkeeping of a thousand grants.
 */
export class FlightPlaces {
  readonly #gate = new CallGate({ width: WIDTH, line: LINE });

  /** Waits for a place, `waitMs` at most; null where none came free. */
  async take({ tokenUrl }: Pick<OAuth2Settings, 'tokenUrl'>, waitMs: number): Promise<LeaveGate | null> {
    const late = AbortSignal.timeout(waitMs);
    const lane = { key: URL.parse(tokenUrl)?.origin ?? tokenUrl, width: PROVIDER_WIDTH };
    return this.#gate.enter(lane, late).catch((error: unknown) => {
      if (late.aborted) return null;
      throw error;
    });
  }
}
