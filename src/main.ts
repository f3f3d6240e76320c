import { readFileSync } from 'node:fs';
import { type App, createApp } from './app.ts';
import { type Config, loadConfig, publicUrlOf } from './config.ts';
import { type Database, openDatabase } from './db/orm.ts';
import { startTicker } from './jobs/ticker.ts';
import { systemClock } from './kernel/clock.ts';
import { systemRandom } from './kernel/ids.ts';
import { createLogger, type Logger } from './kernel/logger.ts';
import { closed, endsWithin, listening, stopSignal } from './lifecycle.ts';
import { PracticeHost } from './practice-host.ts';
import { loadKeys } from './secrets/keys.ts';
import { maskFacts } from './secrets/log-masking.ts';
import { SWEEP_MS } from './services/grants/grant-sweep.ts';
import { checkAppKey, noteAppKey } from './services/start-up.ts';
import { createHttpServer } from './web/http-server.ts';

const BEAT_MS = 15_000;

/** How long calls may go on after a stop was asked for, and how long what comes after may take. */
const DRAIN_MS = 25_000;
const CLOSE_MS = 3_000;

/** Starts Callbook from the environment and serves until it is told to stop. Throws before it listens if it cannot. */
export async function main(): Promise<void> {
  const config = loadConfig();
  const logger = createLogger({ level: config.logLevel, format: config.logFormat, maskFacts });
  const stop = stopSignal();
  const running = await start(config, logger);
  logger.info({ signal: await stop }, 'Stopping: calls under way may finish.');
  await running.close();
  logger.info({}, 'Stopped.');
}

/** Opens everything in order and listens. Nothing is touched in a database that is not ours or not for our key. */
async function start(config: Config, logger: Logger) {
  const { database, keys } = await openData(config, logger);
  const practice = new PracticeHost({ config, logger });
  let isOpen = true;
  let port = config.port;
  let app: App | null = null;
  const behindProxy = config.trustedProxies.length > 0;
  const server = createHttpServer((request, response) => app?.answer(request, response), {
    publicUrl: config.publicUrl ?? '',
    behindProxy,
  });

  try {
    port = await listening(server, config);
  } catch (error) {
    await database.close();
    throw new Error(`${config.host}:${config.port} cannot be listened on. Set PORT to a free one.`, { cause: error });
  }
  const publicUrl = publicUrlOf(config, port);
  app = createApp({
    config,
    version: versionOf(),
    publicUrl,
    database,
    keys,
    clock: systemClock,
    random: systemRandom,
    logger,
    ownPorts: () => [port],
    practicePort: () => practice.port,
    practice: () => practice.connection,
    isOpen: () => isOpen,
  });
  const tickers = await startWork(app, logger);
  await welcome(app, config, publicUrl);
  await practice.start(publicUrl);

  return {
    async close() {
      isOpen = false;
      await Promise.all(tickers.map((ticker) => ticker.stop()));
      await drain(server, app, logger);
      await practice.close();
      await endsWithin(CLOSE_MS, leave(app, database));
    },
  };
}

async function openData(config: Config, logger: Logger) {
  const keys = loadKeys({ appKey: config.appKeys?.join(',') ?? null, file: config.appKeyFile, random: systemRandom });
  const database = await openDatabase({
    url: `sqlite:${config.databaseFile}`,
    durability: config.durability,
    ...(!config.isProduction && { logger }),
  });
  try {
    await checkAppKey(keys);
    await database.migrate();
    await noteAppKey(keys);
    return { database, keys };
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Takes up what dead processes left, then looks after grants until it is stopped. */
async function startWork({ register, sweep, limiter, chance }: App, logger: Logger) {
  await register.enter();
  const left = await register.closeDead();
  if (left.interrupted > 0)
    logger.warn(left, 'Calls were cut off when a process ended; they are marked as interrupted.');
  await sweep.recover();
  const tick = { jitter: 0.1, chance, logger };
  return [
    startTicker({ ...tick, name: 'grants', everyMs: SWEEP_MS }, () => sweep.sweep()),
    startTicker({ ...tick, name: 'instances', everyMs: BEAT_MS }, () =>
      register.beat().then(() => register.closeDead()),
    ),
    startTicker({ ...tick, name: 'limits', everyMs: SWEEP_MS }, () => limiter.forgetEnded()),
  ];
}

/** Says where to go, and with which code where nobody is the owner yet. */
async function welcome({ gatekeeper }: App, { owner }: Config, publicUrl: string): Promise<void> {
  if (owner) await gatekeeper.ensureOwner(owner.email, owner.password);
  const line = (await gatekeeper.isSetUp())
    ? `Callbook is ready at ${publicUrl}`
    : `Callbook is ready. Create the owner at ${publicUrl}/setup with the code ${gatekeeper.setupCode()}`;
  process.stdout.write(`${line}\n`);
}

/** Lets requests finish; what still waits for an answer then is ended and recorded as aborted. */
async function drain(server: ReturnType<typeof createHttpServer>, app: App, logger: Logger): Promise<void> {
  const done = closed(server);
  if (await endsWithin(DRAIN_MS, done)) return;
  logger.warn({ calls: app.callsInFlight() }, 'Calls still under way are ended and recorded as aborted.');
  app.abortCalls();
  if (!(await endsWithin(CLOSE_MS, done))) server.closeAllConnections();
}

async function leave(app: App, database: Database): Promise<void> {
  await app.keeper.landed();
  await app.closeClients();
  await app.register.leave();
  await database.close();
}

function versionOf(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return version;
}
