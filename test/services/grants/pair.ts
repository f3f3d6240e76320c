import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { openApi } from '../../support/api.ts';
import { Client } from '../../support/client.ts';
import { openProvider, type ProviderOptions } from '../../support/provider.ts';
import { OWNER, type RunningApp, runApp } from '../../support/running-app.ts';

const ACCESS_SECONDS = 600;

/** Two processes on one SQLite file, a browser signed in at each, and a connection that holds a grant. */
export async function openPair(rules: Partial<ProviderOptions> = {}) {
  await using parts = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'callbook-pair-'));
  parts.defer(() => rm(folder, { recursive: true, force: true }));
  const provider = parts.use(await openProvider({ accessTokenSeconds: ACCESS_SECONDS, ...rules }));
  const api = parts.use(await openApi({ provider }));
  const first = parts.use(await runApp({ folder, env: { DURABILITY: 'full' } }));
  const second = parts.use(await runApp({ folder, env: { DURABILITY: 'full' } }));
  const browsers = await Promise.all([first, second].map(signedIn));
  const { refreshToken } = provider.issueGrant();
  const slug = await browsers[0]!.connect({
    provider,
    apiOrigin: api.origin,
    grantType: 'refresh_token',
    refreshToken,
  });
  const database = new Database(join(folder, 'callbook.db'));
  parts.defer(() => void database.close());
  const stack = parts.move();
  return { provider, first, second, browsers, slug, database, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

async function signedIn({ origin }: RunningApp): Promise<Client> {
  const browser = new Client(origin);
  await browser.post('/sign-in', OWNER);
  return browser;
}

export type Pair = Awaited<ReturnType<typeof openPair>>;

/** Lets the access token end at once, for both processes: rows are all that they share. */
export function endToken({ database }: Pair): void {
  database.prepare('update "grant" set expires_at = ?').run(Date.now() - 1);
}
