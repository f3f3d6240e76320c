import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppParts } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import { systemRandom } from '../../src/kernel/ids.ts';
import { createLogger } from '../../src/kernel/logger.ts';
import { maskFacts } from '../../src/secrets/log-masking.ts';
import { serve } from '../../src/serve.ts';
import { Client } from './client.ts';
import { TestClock } from './clock.ts';

/** The owner every test app is made with. */
export const OWNER = { email: 'owner@example.org', password: 'correct horse battery staple' };

/** A hash that is of no worth and takes no time. */
export const QUICK = { memory: 64, passes: 1, parallelism: 1 };

/** A whole Callbook in this process, on a port of its own and a database in a temporary folder. */
export interface TestApp extends AsyncDisposable {
  readonly url: string;
  readonly folder: string;
  readonly databaseFile: string;
  readonly clock: TestClock;
  readonly running: Awaited<ReturnType<typeof serve>>;
  /** Every log line so far, as written. */
  log(): string;
  /** A browser that nobody is signed in with. */
  client(): Client;
  /** A browser with the owner signed in. */
  owner(): Promise<Client>;
}

/** Starts Callbook for a test; `settings` go over the defaults. One at a time in a test file. */
export async function openApp(
  settings: Record<string, string> = {},
  inSession?: AppParts['inSession'],
): Promise<TestApp> {
  const folder = await mkdtemp(join(tmpdir(), 'callbook-app-'));
  const databaseFile = join(folder, 'callbook.db');
  const clock = new TestClock();
  const lines: string[] = [];
  const config = loadConfig(
    {
      PORT: '0',
      DATABASE_URL: `sqlite:${databaseFile}`,
      DURABILITY: 'normal',
      PRACTICE: 'off',
      LOG_LEVEL: 'info',
      OWNER_EMAIL: OWNER.email,
      OWNER_PASSWORD: OWNER.password,
      ...settings,
    },
    false,
  );
  const destination = { write: (line: string) => void lines.push(line) };
  const logger = createLogger({ level: config.logLevel, format: 'json', maskFacts, destination });
  const say = (line: string) => void lines.push(line);
  const running = await serve({
    config,
    logger,
    clock,
    random: systemRandom,
    say,
    passwordCost: QUICK,
    ...(inSession && { inSession }),
  });
  const client = () => new Client(running.publicUrl);

  return {
    url: running.publicUrl,
    folder,
    databaseFile,
    clock,
    running,
    log: () => lines.join(''),
    client,
    async owner() {
      const browser = client();
      await browser.post('/sign-in', OWNER);
      return browser;
    },
    async [Symbol.asyncDispose]() {
      await running.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
