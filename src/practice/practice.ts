import { type Clock, systemClock } from '../kernel/clock.ts';
import { type RandomBytes, systemRandom } from '../kernel/ids.ts';
import type { Logger } from '../kernel/logger.ts';
import { requireBearer } from './bearer.ts';
import { consentRoutes } from './consent.ts';
import { keptFirst, underOwnName } from './guard.ts';
import { type Answerer, closed, listenOnLoopback, originOf } from './listening.ts';
import type { PracticeClient } from './practice-connection.ts';
import { firstState } from './practice-state.ts';
import { practiceProvider } from './provider.ts';
import { resourceRoutes } from './resource-api.ts';
import { StateFile } from './state-file.ts';

const ACCESS_TOKEN_SECONDS = 60;

/** What the practice API needs. `publicOrigin` is where browsers find it, if not where it listens. */
export interface PracticeOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly publicOrigin?: string;
  readonly redirectUris: readonly string[];
  readonly stateFile: string;
  readonly logger: Logger;
  readonly accessTokenSeconds?: number;
  readonly clock?: Clock;
  readonly random?: RandomBytes;
}

/** A practice API that answers. */
export interface Practice {
  readonly origin: string;
  readonly client: PracticeClient;
  /** Ends calls under way within a second, and writes what is left. Throws where it cannot be written. */
  close(): Promise<void>;
}

/**
 * Starts the practice API: a real OAuth 2 server and a small resource API on one port of this machine. Throws
 * `PortTaken`, `PracticeStateUnreadable`, and `RangeError` for a host that others could reach.
 */
export async function startPractice(options: PracticeOptions): Promise<Practice> {
  const { clock = systemClock, random = systemRandom, logger } = options;
  const answers = Promise.withResolvers<Answerer>();
  const server = await listenOnLoopback(options.host, options.port, answers.promise);
  try {
    const listening = originOf(server, options.host);
    const issuer = options.publicOrigin ?? listening;
    const file = await StateFile.open(options.stateFile, () => firstState(random));
    const provider = practiceProvider({
      issuer,
      redirectUris: options.redirectUris,
      accessTokenSeconds: options.accessTokenSeconds ?? ACCESS_TOKEN_SECONDS,
      file,
      clock,
      logger,
    });
    provider.proxy = true;
    provider.use(underOwnName(issuer, listening));
    provider.use(keptFirst(file, logger));
    provider.use(consentRoutes(provider).routes());
    provider.use(requireBearer(provider, '/api/'));
    provider.use(resourceRoutes(file, clock).routes());
    answers.resolve(provider.callback());
    return { origin: issuer, client: file.state.client, close: () => closed(server).then(() => file.flush()) };
  } catch (error) {
    await closed(server);
    throw error;
  }
}
