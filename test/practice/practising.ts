import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type OAuth2Settings, USUAL_OAUTH2 } from '../../src/kernel/auth.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import type { CallResult, OutboundRequest } from '../../src/kernel/exchange.ts';
import { idsBy, systemRandom } from '../../src/kernel/ids.ts';
import type { Logger } from '../../src/kernel/logger.ts';
import type { TokenReply, TokenSet } from '../../src/kernel/token-reply.ts';
import { authorizationUrl, challengeOf, newState, newVerifier, readCallback } from '../../src/oauth/authorization.ts';
import { readTokenReply } from '../../src/oauth/token-reply.ts';
import { type TokenGrant, tokenRequest } from '../../src/oauth/token-request.ts';
import { practiceConnection } from '../../src/practice/practice-connection.ts';
import { type Practice, type PracticeOptions, startPractice } from '../../src/practice/practice.ts';
import { Browser } from './browser.ts';

/** Where consents lead back to; nobody listens there. */
export const REDIRECT_URI = 'http://127.0.0.1:9/consent/callback';

/** What dates and numbers requests to the practice API. */
export const TOOLS = { clock: systemClock, newId: idsBy(systemClock) };

const TIMINGS = { wait: 0, dns: null, connect: null, tls: null, send: 0, firstByte: 0, receive: 0, total: 0 };

/** A logger that keeps its lines. */
export function keptLog(): Logger & { readonly lines: [object, string][] } {
  const lines: [object, string][] = [];
  const keep = (facts: object, sentence: string) => void lines.push([facts, sentence]);
  return { lines, debug: keep, info: keep, warn: keep, error: keep };
}

/** A practice API with a state file of its own, both gone at the end of the test. */
export class Practising implements AsyncDisposable {
  readonly stateFile: string;
  readonly log = keptLog();
  readonly #options: Partial<PracticeOptions>;
  #practice: Practice | undefined;

  private constructor(stateFile: string, options: Partial<PracticeOptions>) {
    this.stateFile = stateFile;
    this.#options = options;
  }

  static async start(options: Partial<PracticeOptions> = {}): Promise<Practising> {
    const folder = await mkdtemp(join(tmpdir(), 'practice-'));
    const practising = new Practising(join(folder, 'practice.json'), options);
    await practising.restart();
    return practising;
  }

  get practice(): Practice {
    if (!this.#practice) throw new Error('It does not run.');
    return this.#practice;
  }

  get origin(): string {
    return this.practice.origin;
  }

  get settings(): OAuth2Settings {
    const { clientSecret: _, ...auth } = practiceConnection(this.origin, this.practice.client).auth;
    return { ...USUAL_OAUTH2, ...auth };
  }

  async restart(): Promise<void> {
    const port = this.#practice ? Number(new URL(this.origin).port) : 0;
    await this.#practice?.close();
    const usual = {
      host: '127.0.0.1',
      port,
      redirectUris: [REDIRECT_URI],
      stateFile: this.stateFile,
      logger: this.log,
    };
    this.#practice = await startPractice({ ...usual, ...this.#options });
  }

  /** Asks for tokens as the product does, over real HTTP. */
  async ask(grant: TokenGrant, settings = this.settings): Promise<TokenReply> {
    const secrets = { clientSecret: this.practice.client.secret };
    return readTokenReply(await sent(await tokenRequest(settings, secrets, grant, TOOLS)), settings);
  }

  async refresh(refreshToken: string | null): Promise<TokenReply> {
    return this.ask({ kind: 'refresh', refreshToken: refreshToken ?? '' });
  }

  /** A whole consent in a browser of its own, up to the tokens. */
  async consent(): Promise<TokenSet & { refreshToken: string }> {
    const verifier = newVerifier(systemRandom);
    const { callback } = await this.answer('allow', verifier);
    const reply = await this.ask({ kind: 'code', callback, verifier, redirectUri: REDIRECT_URI });
    if (reply.kind !== 'granted') throw new Error(reply.detail);
    return { ...reply.tokens, refreshToken: reply.tokens.refreshToken ?? '' };
  }

  /** Gives one of the two answers on the consent page; what comes back is read as the product reads it. */
  async answer(answer: 'allow' | 'refuse', verifier: string, browser = new Browser()) {
    const state = newState(systemRandom);
    const consent = { state, challenge: challengeOf(verifier), redirectUri: REDIRECT_URI };
    const start = authorizationUrl(this.settings, consent);
    const page = await browser.follow(start, await browser.get(start), REDIRECT_URI);
    const posted = await browser.post(page.url, { answer });
    const { url } = await browser.follow(page.url, posted, REDIRECT_URI);
    const params = new URL(url).searchParams;
    const reply = readCallback(this.settings, params, state);
    return { page, params, reply, callback: reply.kind === 'code' ? reply.callback : new URLSearchParams() };
  }

  /** Calls the resource API with a token. */
  async call(token: string, path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { ...(init.headers as Record<string, string>), authorization: `Bearer ${token}` };
    return fetch(`${this.origin}/api${path}`, { ...init, headers });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#practice?.close();
    await rm(join(this.stateFile, '..'), { recursive: true, force: true });
  }
}

/** Sends a request as it is and gives back what came of it, in the product's own words. */
export async function sent(request: OutboundRequest): Promise<CallResult> {
  const startedAt = new Date();
  const { url, method, headers, body } = request;
  const init = { method, headers: headers.map(([name, value]): [string, string] => [name, value]) };
  const answer = await fetch(url, { ...init, redirect: 'manual', body: body ? Buffer.from(body) : null });
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const received = { bytes, wireBytes: bytes.length, wireSha256: '', truncated: false };
  const outcome = { kind: 'answered', status: answer.status, headers: [...answer.headers], body: received } as const;
  return { request, outcome, hops: [], timings: TIMINGS, startedAt, finishedAt: new Date() };
}
