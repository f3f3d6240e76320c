import { glob, readFile } from 'node:fs/promises';
import { session, withSession } from '../../../src/db/session.ts';
import { withSystem } from '../../../src/db/system.ts';
import { Connection } from '../../../src/model/connection.ts';
import { Exchange } from '../../../src/model/exchange.ts';
import { Grant } from '../../../src/model/grant.ts';
import { RefreshAttempt } from '../../../src/model/refresh-attempt.ts';
import { ANY_FRESH, type Wish } from '../../../src/services/grants/grant-verdict.ts';
import { type Api, openApi } from '../../support/api.ts';
import { openApp, type TestApp } from '../../support/app.ts';
import type { Client } from '../../support/client.ts';
import { openProvider, type Provider, type ProviderOptions } from '../../support/provider.ts';

/** Seconds that a pasted access token lives here; its margin is a fifth of it. */
export const LIFE_S = 600;
export const MARGIN_S = 120;

/** A provider, an API and a whole Callbook with its owner signed in; rows are read from its own database. */
export class Stage implements AsyncDisposable {
  readonly provider: Provider;
  readonly api: Api;
  readonly app: TestApp;
  readonly owner: Client;
  readonly #parts: AsyncDisposableStack;

  constructor(parts: { provider: Provider; api: Api; app: TestApp; owner: Client; stack: AsyncDisposableStack }) {
    this.provider = parts.provider;
    this.api = parts.api;
    this.app = parts.app;
    this.owner = parts.owner;
    this.#parts = parts.stack;
  }

  /** A connection whose grant was pasted: generation 1, fresh for eight minutes. Gives its slug and refresh token. */
  async hold(fields: Record<string, string> = {}): Promise<{ slug: string; refreshToken: string }> {
    const { accessToken, refreshToken } = this.provider.issueGrant();
    const pasted = { grantType: 'refresh_token', refreshToken, accessToken, expiresIn: String(LIFE_S) };
    return { slug: await this.connect({ ...pasted, ...fields }), refreshToken };
  }

  connect(fields: Record<string, string> = {}): Promise<string> {
    return this.owner.connect({ provider: this.provider, apiOrigin: this.api.origin, ...fields });
  }

  /** As `hold`, and the access token stands in its margin. */
  async due(fields: Record<string, string> = {}): Promise<{ slug: string; refreshToken: string }> {
    const held = await this.hold(fields);
    this.app.clock.advance((LIFE_S - MARGIN_S / 2) * 1000);
    return held;
  }

  /** As `hold`, and the access token has ended. */
  async expired(fields: Record<string, string> = {}): Promise<{ slug: string; refreshToken: string }> {
    const held = await this.hold(fields);
    this.app.clock.advance((LIFE_S + 1) * 1000);
    return held;
  }

  renew(slug: string) {
    return this.owner.postJson('/_token_refresh', { connection: slug });
  }

  /** What a caller of this process does that needs a token: no HTTP between it and the keeper. */
  keep(slug: string, wish: Wish = ANY_FRESH) {
    return this.#inWorkspace(slug, (connectionId, workspaceId) =>
      this.app.running.workings.keeper.fresh({ workspaceId, connectionId }, wish),
    );
  }

  /** Token calls made while `work` runs. */
  async callsDuring(work: () => Promise<unknown>): Promise<number> {
    const before = this.provider.asked.total;
    await work();
    return this.provider.asked.total - before;
  }

  grant(slug: string) {
    return this.#inWorkspace(slug, (connectionId) =>
      session.findOneOrFail(Grant, { connectionId }, { populate: ['sealedAccessToken', 'sealedRefreshToken'] }),
    );
  }

  /** Plants columns of a grant's row. */
  plant(slug: string, columns: object): Promise<number> {
    return this.#inWorkspace(slug, (connectionId) => session.nativeUpdate(Grant, { connectionId }, columns));
  }

  /** Plants columns of an attempt's row. */
  plantAttempt(id: string, columns: object): Promise<number> {
    return withSystem(() => session.nativeUpdate(RefreshAttempt, { id }, columns));
  }

  /** Oldest first. */
  attempts(slug: string) {
    return this.#inWorkspace(slug, (connectionId) =>
      session.find(RefreshAttempt, { connectionId }, { orderBy: { id: 'asc' }, populate: ['sealedTokens'] }),
    );
  }

  /** The recorded token calls of a connection, oldest first. */
  tokenCalls(slug: string) {
    return this.#inWorkspace(slug, (connectionId) =>
      session.find(Exchange, { connectionId, kind: 'token' }, { orderBy: { id: 'asc' } }),
    );
  }

  /** Secrets of the provider that stand readable in the database's files or in the log. */
  async leaks(): Promise<string[]> {
    const texts = [this.app.log()];
    for await (const file of glob('callbook.db*', { cwd: this.app.folder, withFileTypes: true })) {
      if (file.isFile()) texts.push(await readFile(`${this.app.folder}/${file.name}`, 'latin1'));
    }
    return this.provider.secrets().filter((secret) => texts.some((text) => text.includes(secret)));
  }

  /** Runs `work` in a session of the connection's workspace. */
  async #inWorkspace<T>(slug: string, work: (connectionId: string, workspaceId: string) => Promise<T>): Promise<T> {
    const { id, workspaceId } = await withSystem(() => session.findOneOrFail(Connection, { slug }));
    return withSession(workspaceId, () => work(id, workspaceId));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.disposeAsync();
  }
}

/** Sets a stage; `settings` are the app's. One at a time in a test file. */
export async function openStage(options: ProviderOptions = {}, settings: Record<string, string> = {}): Promise<Stage> {
  await using parts = new AsyncDisposableStack();
  const provider = parts.use(await openProvider({ accessTokenSeconds: LIFE_S, ...options }));
  const api = parts.use(await openApi({ provider }));
  const app = parts.use(await openApp(settings));
  return new Stage({ provider, api, app, owner: await app.owner(), stack: parts.move() });
}

/** Seconds from now until `moment` by the stage's clock, rounded; null where there is none. */
export function secondsUntil({ app }: Stage, moment: Date | null | undefined): number | null {
  return moment ? Math.round((moment.getTime() - app.clock.now().getTime()) / 1000) : null;
}
