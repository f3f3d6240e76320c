import type { Clock } from '../kernel/clock.ts';
import type { NewId } from '../kernel/ids.ts';

/** What a request to a provider is dated and numbered with. */
export interface RequestTools {
  readonly clock: Clock;
  readonly newId: NewId;
}

/** Seconds since 1970, as a JWT has them (RFC 7519, section 2). */
export function epochSeconds({ clock }: RequestTools): number {
  return Math.floor(clock.now().getTime() / 1000);
}
