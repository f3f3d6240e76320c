import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { systemRandom } from '../../src/kernel/ids.ts';
import type { Vault } from '../../src/kernel/vault.ts';
import { loadKeys } from '../../src/secrets/keys.ts';
import { openVault } from '../../src/secrets/vault.ts';
import type { GrantPlace } from '../../src/services/grants/token-keeper.ts';
import { openProvider, type Provider, type ProviderOptions } from '../support/provider.ts';
import type { Life } from './life.ts';
import { Victim } from './victim-process.ts';

/** How the providers of this world treat refresh tokens. */
export const KINDS = {
  'no rotation': { rotation: false },
  'grace 30 s': { rotation: true, graceSeconds: 30 },
  strict: { rotation: true, graceSeconds: 0, revokesOnReuse: true },
} as const satisfies Record<string, ProviderOptions>;
export type Kind = keyof typeof KINDS;

/** Seconds that an access token lives here; due 120 s before its end. */
const LIFE_S = 600;

/** A connection of the house: where it is, and the refresh token it began with. */
export interface Held {
  readonly place: GrantPlace;
  readonly refreshToken: string;
}

/** A grant's row, with its tokens opened. */
export interface GrantRow {
  readonly id: string;
  readonly state: string;
  readonly reason: string | null;
  readonly generation: number;
  readonly fence: number;
  readonly failures: number;
  readonly leaseInstance: string | null;
  readonly accessToken: string | null;
  readonly refreshToken: string | null;
}

/** A database in a folder of its own, a provider, and the processes that use both. */
export class House implements AsyncDisposable {
  readonly folder: string;
  readonly provider: Provider;
  readonly #victims = new Set<Victim>();
  #database: Database.Database | undefined;
  #vault: Vault | undefined;

  private constructor(folder: string, provider: Provider) {
    this.folder = folder;
    this.provider = provider;
  }

  static async open(kind: Kind, options: ProviderOptions = {}, folder?: string): Promise<House> {
    const provider = await openProvider({ accessTokenSeconds: LIFE_S, ...KINDS[kind], ...options });
    return new House(folder ?? (await mkdtemp(join(tmpdir(), 'callbook-faults-'))), provider);
  }

  get databaseFile(): string {
    return join(this.folder, 'callbook.db');
  }

  /** The file as another program sees it. Open it only after the first start. */
  get database(): Database.Database {
    if (!existsSync(this.databaseFile)) throw new Error('There is no database yet. Start a process first.');
    return (this.#database ??= new Database(this.databaseFile, { timeout: 10_000 }));
  }

  /** Begins to start a process of this house. */
  begin(life: Partial<Life> = {}): Victim {
    const usual: Life = { databaseFile: this.databaseFile, diesAt: null, clockOffMs: 0, env: {} };
    const victim = Victim.start({ ...usual, ...life });
    this.#victims.add(victim);
    void victim.gone.then(() => this.#victims.delete(victim));
    return victim;
  }

  start(life: Partial<Life> = {}): Promise<Victim> {
    return this.begin(life).ready();
  }

  /** Makes a connection that holds a grant of the provider, fresh, generation 1. */
  async hold(victim: Victim, tokenUrl = this.provider.tokenUrl, baseUrl?: string): Promise<Held> {
    const { accessToken, refreshToken } = this.provider.issueGrant();
    const { clientId, clientSecret } = this.provider;
    const tokens = { refreshToken, accessToken, expiresIn: LIFE_S };
    const wanted = { ...(baseUrl && { baseUrl }), tokenUrl, clientId, clientSecret: clientSecret ?? '', ...tokens };
    return { place: await victim.ask({ ask: 'make', wanted }), refreshToken };
  }

  /** Lets an access token stand in its margin, or be over. */
  age({ place }: Held, how: 'due' | 'over'): void {
    const expiresAt = Date.now() + (how === 'due' ? 60_000 : -1);
    this.database
      .prepare('update "grant" set expires_at = ?, obtained_at = ? where connection_id = ?')
      .run(expiresAt, expiresAt - LIFE_S * 1000, place.connectionId);
  }

  grant({ place }: Held): GrantRow {
    const row = this.database
      .prepare(
        `select id, state, reason, generation, fence, failures, lease_instance as leaseInstance,
           sealed_access_token as access, sealed_refresh_token as refresh from "grant" where connection_id = ?`,
      )
      .get(place.connectionId) as Omit<GrantRow, 'accessToken' | 'refreshToken'> &
      Record<'access' | 'refresh', string | null>;
    const { access, refresh, ...plain } = row;
    const opened = (sealed: string | null, column: string) =>
      sealed && this.vault.open(sealed, { table: 'grant', column, row: row.id });
    return {
      ...plain,
      accessToken: opened(access, 'sealed_access_token'),
      refreshToken: opened(refresh, 'sealed_refresh_token'),
    };
  }

  /** How its tries ended, oldest first: `state outcome`. */
  attempts({ place }: Held): string[] {
    const rows = this.database
      .prepare('select state, outcome from refresh_attempt where connection_id = ? order by id')
      .all(place.connectionId) as { state: string; outcome: string | null }[];
    return rows.map(({ state, outcome }) => `${state} ${outcome}`);
  }

  /** How its token calls ended, oldest first. */
  tokenCalls({ place }: Held): string[] {
    const rows = this.database
      .prepare(`select outcome from exchange where connection_id = ? and kind = 'token' order by id`)
      .all(place.connectionId) as { outcome: string }[];
    return rows.map(({ outcome }) => outcome);
  }

  /** How often the provider got this refresh token. */
  sends(refreshToken: string): number {
    return this.provider.asked.byRefreshToken.get(refreshToken) ?? 0;
  }

  get vault(): Vault {
    const file = join(this.folder, 'app.key');
    return (this.#vault ??= openVault(loadKeys({ appKey: null, file, random: systemRandom }), systemRandom));
  }

  /** Closes the parent's view of the file, before the file is replaced. */
  lookAway(): void {
    this.#database?.close();
    this.#database = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#victims].map((victim) => victim[Symbol.asyncDispose]()));
    this.lookAway();
    await this.provider[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true, force: true });
  }
}
