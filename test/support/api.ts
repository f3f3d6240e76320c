import type { IncomingMessage, ServerResponse } from 'node:http';
import { bearerOf, ROUTES, sendJson } from './api-routes.ts';
import { answerUnder, type Fault } from './faults.ts';
import { type Listening, listen } from './listening.ts';
import { receive, type Received } from './received.ts';

/** What an API needs of a provider to tell a good token. */
export interface TokenCheck {
  isLive(accessToken: string): boolean;
}

/** How a test wants its API. Without a `provider` everybody is let in. */
export interface ApiOptions {
  readonly provider?: TokenCheck;
  /** False where the log would grow without end. */
  readonly keepsLog?: boolean;
  readonly port?: number;
}

/** How the API says 401 for once; `wwwAuthenticate: null` leaves the header out. */
export interface Refusal {
  readonly status?: number;
  readonly wwwAuthenticate?: string | null;
  readonly times?: number;
}

const INVALID_TOKEN = 'Bearer realm="orders", error="invalid_token"';

/** A real resource API for tests: lets in only live tokens, keeps what it received, and is wrong on demand. */
export class Api implements AsyncDisposable {
  /** Every request as it was received, the refused ones too, oldest first. */
  readonly log: Received[] = [];
  readonly #provider: TokenCheck | undefined;
  readonly #keepsLog: boolean;
  readonly #script: Fault[] = [];
  readonly #refusals: Refusal[] = [];
  #listening: Listening | undefined;

  constructor({ provider, keepsLog = true }: ApiOptions) {
    this.#provider = provider;
    this.#keepsLog = keepsLog;
  }

  async start(port = 0): Promise<this> {
    this.#listening = await listen((request, response) => this.#answer(request, response), port);
    return this;
  }

  get origin(): string {
    if (!this.#listening) throw new Error('The API does not listen yet. Open it with openApi().');
    return this.#listening.origin;
  }

  /** What goes wrong with the next requests that get past the token check, one fault a request. */
  next(...faults: Fault[]): void {
    this.#script.push(...faults);
  }

  /** Refuses the next request (or `times` of them), whatever its token. */
  refuse(refusal: Refusal = {}): void {
    for (let left = refusal.times ?? 1; left > 0; left -= 1) this.#refusals.push(refusal);
  }

  /** Access tokens the API was shown, in order, the refused ones too. */
  tokensSeen(): string[] {
    return this.log.map(bearerOf).filter((token) => token !== null);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listening?.[Symbol.asyncDispose]();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const received = await receive(request);
    if (this.#keepsLog) this.log.push(received);
    const refusal = this.#refusalOf(received);
    if (refusal) return refuseWith(refusal, response);
    const fault = this.#script.shift();
    if (fault) return answerUnder(fault, response, () => ({ status: 200, body: { done: true } }));
    const route = ROUTES[received.path.split('/')[1] ?? ''];
    if (!route) return sendJson(response, 404, { error: 'not_found', path: received.path });
    await route(received, response);
  }

  #refusalOf(received: Received): Refusal | undefined {
    const scripted = this.#refusals.shift();
    if (scripted) return scripted;
    if (!this.#provider) return undefined;
    const token = bearerOf(received);
    return token !== null && this.#provider.isLive(token) ? undefined : {};
  }
}

/** Starts an API on a port of its own. */
export function openApi(options: ApiOptions = {}): Promise<Api> {
  return new Api(options).start(options.port);
}

function refuseWith({ status = 401, wwwAuthenticate = INVALID_TOKEN }: Refusal, response: ServerResponse): void {
  if (wwwAuthenticate !== null) response.setHeader('www-authenticate', wwwAuthenticate);
  sendJson(response, status, { error: 'unauthorized' });
}
