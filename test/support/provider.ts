import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Clock, systemClock } from '../../src/kernel/clock.ts';
import { headerValue } from '../../src/kernel/headers.ts';
import { ConsentDesk } from './consent-desk.ts';
import { DeviceDesk } from './device-desk.ts';
import { answerUnder, type Fault, type ScriptedAnswer } from './faults.ts';
import { type Listening, listen } from './listening.ts';
import { pairOf } from './basic-pair.ts';
import { formOf, receive, type Received } from './received.ts';
import { type Issued, TokenBook, type TokenRules } from './token-book.ts';

export { hold } from './faults.ts';

const AT_ONCE = new Set([
  'client_credentials',
  'password',
  'urn:ietf:params:oauth:grant-type:jwt-bearer',
  'urn:ietf:params:oauth:grant-type:token-exchange',
]);

/** How a test wants its provider; what is left out is a friendly one that rotates strictly. */
export interface ProviderOptions extends Partial<TokenRules> {
  /** Milliseconds before every token answer. */
  readonly delayMs?: number;
  readonly clock?: Clock;
  /** Makes a secret; `prefix` says which sort. Must give at least 24 characters, never the same twice. */
  readonly newToken?: (prefix: string) => string;
  readonly clientId?: string;
  /** Null: a public client. */
  readonly clientSecret?: string | null;
  readonly port?: number;
}

/** What the token endpoint was asked, counted as the requests came in. */
export interface Asked {
  readonly total: number;
  /** Token calls by `grant_type`. */
  readonly byGrant: ReadonlyMap<string, number>;
  /** Token calls by the refresh token they brought. */
  readonly byRefreshToken: ReadonlyMap<string, number>;
  /** Refresh tokens that came again after they were spent and their grace was over. */
  readonly doubleSpends: number;
  readonly familiesRevoked: number;
  /** The most token calls that were open at the same time. */
  readonly mostAtOnce: number;
}

/** A real OAuth 2 server for tests (RFC 6749, 7009, 7636, 8414, 8628, 9207): strict, countable, and wrong on demand. */
export class Provider implements AsyncDisposable {
  readonly clientId: string;
  readonly clientSecret: string | null;
  readonly book: TokenBook;
  /** Every request as it was received, oldest first. */
  readonly log: Received[] = [];
  /** Milliseconds before every token answer; may be changed at any time. */
  delayMs: number;
  readonly #byGrant = new Map<string, number>();
  readonly #byRefreshToken = new Map<string, number>();
  /** Consents on other devices: what the person there says. */
  readonly devices: DeviceDesk;
  readonly #desk: ConsentDesk;
  readonly #script: Fault[] = [];
  readonly #revocationScript: Fault[] = [];
  readonly #deviceScript: Fault[] = [];
  readonly #secrets = new Set<string>();
  readonly #newToken: (prefix: string) => string;
  #listening: Listening | undefined;
  #total = 0;
  #underway = 0;
  #mostAtOnce = 0;

  constructor(options: ProviderOptions) {
    const make = options.newToken ?? ((prefix) => `${prefix}-${randomBytes(24).toString('base64url')}`);
    this.#newToken = (prefix) => this.#noted(make(prefix));
    this.clientId = options.clientId ?? 'callbook-test';
    this.clientSecret = options.clientSecret === undefined ? this.#newToken('client') : options.clientSecret;
    if (this.clientSecret !== null) this.#noted(this.clientSecret);
    this.delayMs = options.delayMs ?? 0;
    this.#desk = new ConsentDesk(this.clientId, this.#newToken);
    this.devices = new DeviceDesk(this.#newToken, (secret) => this.#noted(secret));
    this.book = new TokenBook(rulesOf(options), options.clock ?? systemClock, this.#newToken);
  }

  async start(port = 0): Promise<this> {
    this.#listening = await listen((request, response) => this.#answer(request, response), port);
    return this;
  }

  get origin(): string {
    if (!this.#listening) throw new Error('The provider does not listen yet. Open it with openProvider().');
    return this.#listening.origin;
  }

  get tokenUrl(): string {
    return `${this.origin}/token`;
  }

  get authorizationUrl(): string {
    return `${this.origin}/authorize`;
  }

  get revocationUrl(): string {
    return `${this.origin}/revoke`;
  }

  get deviceAuthorizationUrl(): string {
    return `${this.origin}/device_authorization`;
  }

  get asked(): Asked {
    const { doubleSpends, familiesRevoked } = this.book;
    return {
      total: this.#total,
      byGrant: this.#byGrant,
      byRefreshToken: this.#byRefreshToken,
      doubleSpends,
      familiesRevoked,
      mostAtOnce: this.#mostAtOnce,
    };
  }

  /** What goes wrong with the next token calls, one fault a call, in this order. */
  next(...faults: Fault[]): void {
    this.#script.push(...faults);
  }

  /** As `next`, with the next revocations. */
  nextRevocation(...faults: Fault[]): void {
    this.#revocationScript.push(...faults);
  }

  /** As `next`, with the next requests for device codes. */
  nextDevice(...faults: Fault[]): void {
    this.#deviceScript.push(...faults);
  }

  /** What the revocation endpoint was asked (RFC 7009, section 2.1), oldest first. */
  get revocations(): readonly { readonly token: string | null; readonly hint: string | null }[] {
    return this.log
      .filter(({ path }) => path === '/revoke')
      .map((received) => formOf(received))
      .map((form) => ({ token: form.get('token'), hint: form.get('token_type_hint') }));
  }

  /** The next consents end with these errors (RFC 6749, section 4.1.2.1) instead of a code. */
  refuseConsent(...errors: string[]): void {
    this.#desk.refuse(errors);
  }

  /** A grant as if a person had consented elsewhere; its refresh token can be pasted into a connection. */
  issueGrant(scope = 'orders'): Issued & { readonly refreshToken: string } {
    const issued = this.book.issue(scope, true);
    return { ...issued, refreshToken: issued.refreshToken ?? '' };
  }

  /** True while an API should accept this access token. */
  isLive(accessToken: string): boolean {
    return this.book.isLive(accessToken);
  }

  /** Every secret ever issued or received here: tokens, codes, verifiers, the client's secret. For tests of absence. */
  secrets(): string[] {
    return [...this.#secrets];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listening?.[Symbol.asyncDispose]();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const received = await receive(request);
    this.log.push(received);
    if (received.path === '/token') return this.#answerToken(received, response);
    const fault = this.#scriptOf(received.path)?.shift();
    await answerUnder(fault, response, () => this.#answerOther(received));
  }

  #scriptOf(path: string): Fault[] | undefined {
    if (path === '/revoke') return this.#revocationScript;
    return path === '/device_authorization' ? this.#deviceScript : undefined;
  }

  async #answerToken(received: Received, response: ServerResponse): Promise<void> {
    const form = formOf(received);
    this.#count(form);
    const fault = this.#script.shift();
    this.#mostAtOnce = Math.max(this.#mostAtOnce, (this.#underway += 1));
    response.once('close', () => (this.#underway -= 1));
    if (this.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.delayMs));
    await answerUnder(fault, response, () => this.#token(received, form));
  }

  #answerOther(received: Received): ScriptedAnswer {
    if (received.path === '/authorize') return this.#desk.authorize(received.query, this.origin);
    if (received.path === '/revoke') return this.#revoke(received);
    if (received.path === '/device_authorization') return this.#device(received);
    if (received.path === '/.well-known/oauth-authorization-server') return this.#metadata();
    return { status: 404, body: 'No such endpoint.' };
  }

  #count(form: URLSearchParams): void {
    this.#total += 1;
    add(this.#byGrant, form.get('grant_type') ?? '');
    const refreshToken = form.get('refresh_token');
    if (refreshToken) add(this.#byRefreshToken, this.#noted(refreshToken));
    const verifier = form.get('code_verifier');
    if (verifier) this.#noted(verifier);
  }

  #token(received: Received, form: URLSearchParams): ScriptedAnswer {
    if (received.method !== 'POST') return { status: 405 };
    if (!this.#isClient(received, form))
      return oauthError(401, 'invalid_client', { 'www-authenticate': 'Basic realm="test"' });
    const grantType = form.get('grant_type') ?? '';
    if (AT_ONCE.has(grantType)) return granted(this.book.issue(form.get('scope') ?? '', false), this.book.rules);
    if (grantType === 'refresh_token') return this.#refreshed(form);
    if (grantType === 'authorization_code') return this.#exchanged(form);
    if (grantType === 'urn:ietf:params:oauth:grant-type:device_code') return this.#polled(form);
    return oauthError(400, 'unsupported_grant_type');
  }

  #refreshed(form: URLSearchParams): ScriptedAnswer {
    const redeemed = this.book.redeem(form.get('refresh_token') ?? '');
    return redeemed.kind === 'issued' ? granted(redeemed.tokens, this.book.rules) : oauthError(400, 'invalid_grant');
  }

  #exchanged(form: URLSearchParams): ScriptedAnswer {
    const scope = this.#desk.redeem(form);
    return scope === null ? oauthError(400, 'invalid_grant') : granted(this.book.issue(scope, true), this.book.rules);
  }

  #device(received: Received): ScriptedAnswer {
    const form = formOf(received);
    if (!this.#isClient(received, form)) return oauthError(401, 'invalid_client');
    return this.devices.start(form.get('scope') ?? '', this.origin);
  }

  #polled(form: URLSearchParams): ScriptedAnswer {
    const polled = this.devices.poll(form.get('device_code') ?? '');
    if ('error' in polled) return oauthError(400, polled.error);
    return granted(this.book.issue(polled.scope, true), this.book.rules);
  }

  #revoke(received: Received): ScriptedAnswer {
    const form = formOf(received);
    if (!this.#isClient(received, form)) return oauthError(401, 'invalid_client');
    this.book.revoke(form.get('token') ?? '');
    return { status: 200 };
  }

  #metadata(): ScriptedAnswer {
    const body = {
      issuer: this.origin,
      authorization_endpoint: this.authorizationUrl,
      token_endpoint: this.tokenUrl,
      revocation_endpoint: this.revocationUrl,
      response_types_supported: ['code'],
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
    };
    return { status: 200, body };
  }

  #isClient(received: Received, form: URLSearchParams): boolean {
    const basic = headerValue(received.headers, 'authorization');
    const [id, secret] = basic?.startsWith('Basic ')
      ? pairOf(basic)
      : [form.get('client_id'), form.get('client_secret')];
    return id === this.clientId && secret === this.clientSecret;
  }

  #noted(secret: string): string {
    this.#secrets.add(secret);
    return secret;
  }
}

/** Starts a provider on a port of its own. */
export function openProvider(options: ProviderOptions = {}): Promise<Provider> {
  return new Provider(options).start(options.port);
}

function rulesOf(options: ProviderOptions): TokenRules {
  return {
    rotation: options.rotation ?? true,
    graceSeconds: options.graceSeconds ?? 0,
    revokesOnReuse: options.revokesOnReuse ?? true,
    accessTokenSeconds: options.accessTokenSeconds ?? 3600,
  };
}

function granted({ accessToken, refreshToken, scope }: Issued, rules: TokenRules): ScriptedAnswer {
  const body = {
    access_token: accessToken,
    token_type: 'Bearer',
    expires_in: rules.accessTokenSeconds,
    ...(refreshToken !== null && { refresh_token: refreshToken }),
    ...(scope && { scope }),
  };
  return { status: 200, headers: { 'cache-control': 'no-store' }, body };
}

function oauthError(status: number, error: string, headers: Record<string, string> = {}): ScriptedAnswer {
  return { status, headers, body: { error } };
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
