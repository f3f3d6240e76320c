import type { Server } from 'node:http';
import { type AppParts, createApp } from './app.ts';
import { type Config, publicUrlOf } from './config.ts';
import type { Database } from './db/orm.ts';
import { startTicker } from './jobs/ticker.ts';
import type { Clock } from './kernel/clock.ts';
import type { RandomBytes } from './kernel/ids.ts';
import type { Logger } from './kernel/logger.ts';
import { closed, endsWithin, listening } from './lifecycle.ts';
import { openData, versionOf } from './opening.ts';
import { PracticeHost } from './practice-host.ts';
import { DEVICE_LOOK_MS } from './services/connections/device-sweep.ts';
import { EPOCH_MS } from './services/boot-epoch.ts';
import { RETENTION_MS } from './services/exchanges/exchange-retention.ts';
import { INDEX_MS } from './services/exchanges/search-indexer.ts';
import { METADATA_LOOK_MS } from './services/connections/metadata-watch.ts';
import { SWEEP_MS } from './services/grants/grant-sweep.ts';
import { NOTICE_MS } from './services/grants/notifier.ts';
import { REPLAY_MS } from './services/grants/spilled-tokens.ts';
import { createHttpServer } from './web/http-server.ts';
import { createWorkings, type Workings, type WorkingsParts } from './workings.ts';

const BEAT_MS = 15_000;
const CHECKPOINT_MS = 250;

/** How long calls may go on after a stop was asked for, and how long what comes after may take. */
const DRAIN_MS = 25_000;
const CLOSE_MS = 3_000;

/** What serving takes; time and chance are parts, so that a test can hold them still. */
export interface ServeParts {
  readonly config: Config;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** Tells whoever started us where to go. */
  readonly say: (line: string) => void;
  readonly inSession?: AppParts['inSession'];
  readonly passwordCost?: WorkingsParts['passwordCost'];
}

/** Opens everything in order and listens. Nothing is touched in a database that is not ours or not for our key. */
export async function serve(parts: ServeParts) {
  const { config, logger, clock, random, say } = parts;
  const { database, keys } = await openData(parts);
  const practice = new PracticeHost({ config, logger });
  let isOpen = true;
  let port = config.port;
  let answer: ReturnType<typeof createApp> | null = null;
  const behindProxy = config.trustedProxies.length > 0;
  const server = createHttpServer((request, response) => answer?.(request, response), {
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
  const workings = createWorkings({
    config,
    version: versionOf(),
    publicUrl,
    database,
    keys,
    clock,
    random,
    logger,
    ownPorts: () => [port],
    practicePort: () => practice.port,
    ...(parts.passwordCost && { passwordCost: parts.passwordCost }),
  });
  try {
    return await served();
  } catch (error) {
    server.closeAllConnections();
    server.close();
    await database.close();
    throw error;
  }

  async function served() {
    await workings.bootEpoch.check();
    answer = createApp({
      config,
      version: versionOf(),
      publicUrl,
      keys,
      clock,
      random,
      logger,
      workings,
      isReady: async () => isOpen && (await database.isReady()),
      practice: () => practice.connection,
      ...(parts.inSession && { inSession: parts.inSession }),
    });
    const tickers = await startWork(workings, database, logger);
    say(await welcome(workings, config, publicUrl));
    await practice.start(publicUrl);
    return {
      publicUrl,
      workings,
      database,
      practice,
      /** Stops in order: readiness, background work, requests, practice API, database. */
      async close() {
        isOpen = false;
        const background = Promise.all(tickers.map((ticker) => ticker.stop())).then(() =>
          workings.deviceSweep.landed(),
        );
        await drain(server, background, workings, logger);
        await practice.close();
        await endsWithin(
          CLOSE_MS,
          workings.leave().then(() => database.close()),
        );
      },
    };
  }
}

/** Takes up what dead processes left, then looks after grants until it is stopped. */
async function startWork(
  {
    register,
    bootEpoch,
    spilled,
    sweep,
    deviceSweep,
    metadataWatch,
    notifier,
    retention,
    pruning,
    indexer,
    chance,
  }: Workings,
  database: Database,
  logger: Logger,
) {
  await register.enter();
  await spilled.replay();
  const left = await register.closeDead();
  if (left.interrupted > 0)
    logger.warn(left, 'Calls were cut off when a process ended; they are marked as interrupted.');
  const tick = { jitter: 0.1, chance, logger };
  return [
    startTicker({ ...tick, name: 'boot epoch', everyMs: EPOCH_MS }, () => bootEpoch.keepUp()),
    startTicker({ ...tick, name: 'spill', everyMs: REPLAY_MS }, () => spilled.replay()),
    startTicker(
      { ...tick, name: 'grants', everyMs: SWEEP_MS },
      () => sweep.sweep(),
      () => sweep.recover(),
    ),
    startTicker({ ...tick, name: 'devices', everyMs: DEVICE_LOOK_MS }, () => deviceSweep.sweep()),
    startTicker({ ...tick, name: 'issuers', everyMs: METADATA_LOOK_MS }, () => metadataWatch.look()),
    startTicker({ ...tick, name: 'instances', everyMs: BEAT_MS }, () =>
      register.beat().then(() => register.closeDead()),
    ),
    startTicker({ ...tick, name: 'retention', everyMs: SWEEP_MS }, () => retention.forgetEnded()),
    startTicker({ ...tick, name: 'pruning', everyMs: RETENTION_MS }, () => pruning.prune()),
    startTicker({ ...tick, name: 'checkpoints', everyMs: CHECKPOINT_MS }, () => database.checkpoint()),
    startTicker({ ...tick, name: 'search', everyMs: INDEX_MS }, () => indexer.tend()),
    ...(notifier
      ? [
          startTicker(
            { ...tick, name: 'notices', everyMs: NOTICE_MS },
            () => notifier.tell(),
            () => notifier.tell(),
          ),
        ]
      : []),
  ];
}

/** Says where to go, and with which code where nobody is the owner yet. */
async function welcome({ gatekeeper }: Workings, { owner }: Config, publicUrl: string): Promise<string> {
  if (owner) await gatekeeper.ensureOwner(owner.email, owner.password);
  return (await gatekeeper.isSetUp())
    ? `Callbook is ready at ${publicUrl}`
    : `Callbook is ready. Create the owner at ${publicUrl}/setup with the code ${gatekeeper.setupCode()}`;
}

/** Lets requests and background work finish; what still waits for an answer then is ended and recorded as aborted. */
async function drain(server: Server, background: Promise<unknown>, workings: Workings, logger: Logger): Promise<void> {
  const done = Promise.all([closed(server), background]);
  if (await endsWithin(DRAIN_MS, done)) return;
  logger.warn({ calls: workings.callsInFlight() }, 'Calls still under way are ended and recorded as aborted.');
  workings.abortCalls();
  if (!(await endsWithin(CLOSE_MS, done))) server.closeAllConnections();
}
