import { randomInt } from 'node:crypto';
import type { ScriptedAnswer } from './faults.ts';

const LETTERS = 'BCDFGHJKLMNPQRSTVWXZ';

/** Seconds that codes live and between two polls, as this desk says. */
export const CODE_LIFE_S = 600;
export const INTERVAL_S = 5;

type Answered = 'granted' | 'access_denied' | 'expired_token';

interface Asking {
  readonly deviceCode: string;
  readonly userCode: string;
  readonly scope: string;
  answer: Answered | null;
  isSpent: boolean;
}

/** What a poll brings: the scope granted, or an OAuth error. */
export type Polled = { readonly scope: string } | { readonly error: string };

/** The device authorization endpoint of a provider, and the person on the other device (RFC 8628). */
export class DeviceDesk {
  readonly #newToken: (prefix: string) => string;
  readonly #noted: (secret: string) => string;
  readonly #asked: Asking[] = [];

  constructor(newToken: (prefix: string) => string, noted: (secret: string) => string) {
    this.#newToken = newToken;
    this.#noted = noted;
  }

  /** The code that a person was shown last. */
  get userCode(): string {
    return this.#asked.at(-1)?.userCode ?? '';
  }

  /** What the person says to the code shown last, or to `userCode`. */
  answer(answer: Answered, userCode = this.userCode): void {
    const asking = this.#asked.find((one) => one.userCode === userCode);
    if (!asking) throw new Error('Nobody asked for this code.');
    asking.answer = answer;
  }

  /** Gives codes (section 3.2). */
  start(scope: string, origin: string): ScriptedAnswer {
    const userCode = this.#noted(`${letters()}-${letters()}`);
    const deviceCode = this.#newToken('device');
    this.#asked.push({ deviceCode, userCode, scope, answer: null, isSpent: false });
    const body = {
      device_code: deviceCode,
      user_code: userCode,
      verification_uri: `${origin}/device`,
      verification_uri_complete: `${origin}/device?user_code=${userCode}`,
      expires_in: CODE_LIFE_S,
      interval: INTERVAL_S,
    };
    return { status: 200, headers: { 'cache-control': 'no-store' }, body };
  }

  /** Redeems a device code (section 3.5); one that brought a grant is spent. */
  poll(deviceCode: string): Polled {
    const asking = this.#asked.find((one) => one.deviceCode === deviceCode);
    if (!asking || asking.isSpent) return { error: 'invalid_grant' };
    if (asking.answer === null) return { error: 'authorization_pending' };
    if (asking.answer !== 'granted') return { error: asking.answer };
    asking.isSpent = true;
    return { scope: asking.scope };
  }
}

function letters(): string {
  return Array.from({ length: 4 }, () => LETTERS[randomInt(LETTERS.length)]).join('');
}
