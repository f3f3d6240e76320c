import { session } from '../db/session.ts';
import { withSystem } from '../db/system.ts';
import type { Clock } from '../kernel/clock.ts';
import { ConsentAttempt } from '../model/consent-attempt.ts';
import { DeviceAttempt } from '../model/device-attempt.ts';
import { SignIn } from '../model/sign-in.ts';
import type { BodyStore } from './exchanges/body-store.ts';
import type { RateLimiter } from './rate-limiter.ts';

/** How long a consent that is over is still told apart from one that never was. */
const CONSENT_MEMORY_MS = 24 * 60 * 60_000;

interface Parts {
  readonly clock: Clock;
  readonly limiter: RateLimiter;
  readonly bodies: BodyStore;
}

/** Forgets what is over and of no more use to anybody. */
export class Retention {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Deletes sign-ins past their end, consents long over, tries no longer counted and bodies that never ended; gives the
   * number of rows.
   */
  async forgetEnded(): Promise<number> {
    const { clock, limiter, bodies } = this.#parts;
    const now = clock.now();
    const over = new Date(now.getTime() - CONSENT_MEMORY_MS);
    const signIns = await withSystem(() => session.nativeDelete(SignIn, { expiresAt: { $lte: now } }));
    const consents = await withSystem(() => session.nativeDelete(ConsentAttempt, { expiresAt: { $lte: over } }));
    const devices = await withSystem(() => session.nativeDelete(DeviceAttempt, { endedAt: { $lte: over } }));
    const unended = await withSystem(() => bodies.sweepOpen());
    return signIns + consents + devices + unended + (await limiter.forgetEnded());
  }
}
