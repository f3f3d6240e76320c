import { createHash } from 'node:crypto';
import type { ScriptedAnswer } from './faults.ts';

interface Consent {
  readonly redirectUri: string;
  readonly challenge: string | null;
  readonly scope: string;
}

/** The authorization endpoint of a provider where everybody consents at once (RFC 6749, 4.1; RFC 7636; RFC 9207). */
export class ConsentDesk {
  readonly #clientId: string;
  readonly #newToken: (prefix: string) => string;
  readonly #consents = new Map<string, Consent>();
  readonly #refusals: string[] = [];

  constructor(clientId: string, newToken: (prefix: string) => string) {
    this.#clientId = clientId;
    this.#newToken = newToken;
  }

  /** The next consents end with these errors instead of a code. */
  refuse(errors: readonly string[]): void {
    this.#refusals.push(...errors);
  }

  /** Sends the browser back with a code or an error, with its `state` and the issuer. */
  authorize(query: URLSearchParams, issuer: string): ScriptedAnswer {
    const redirectUri = query.get('redirect_uri');
    if (query.get('client_id') !== this.#clientId || !redirectUri) return { status: 400, body: 'Unknown client.' };
    const back = new URL(redirectUri);
    for (const [name, value] of Object.entries(this.#decide(query, redirectUri))) back.searchParams.set(name, value);
    const state = query.get('state');
    if (state !== null) back.searchParams.set('state', state);
    back.searchParams.set('iss', issuer);
    return { status: 302, headers: { location: back.href } };
  }

  /** The scope a code stands for, or null where it does not fit. A code works once, fitting or not. */
  redeem(form: URLSearchParams): string | null {
    const code = form.get('code') ?? '';
    const consent = this.#consents.get(code);
    this.#consents.delete(code);
    if (!consent || consent.redirectUri !== form.get('redirect_uri')) return null;
    if (consent.challenge === null) return consent.scope;
    const proof = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    return proof === consent.challenge ? consent.scope : null;
  }

  #decide(query: URLSearchParams, redirectUri: string): Record<string, string> {
    const refusal = this.#refusals.shift();
    if (refusal) return { error: refusal };
    const challenge = query.get('code_challenge');
    const isWrong = challenge !== null && query.get('code_challenge_method') !== 'S256';
    if (query.get('response_type') !== 'code' || isWrong) return { error: 'invalid_request' };
    const code = this.#newToken('code');
    this.#consents.set(code, { redirectUri, challenge, scope: query.get('scope') ?? '' });
    return { code };
  }
}
