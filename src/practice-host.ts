import { dirname, join } from 'node:path';
import type { Config } from './config.ts';
import type { Logger } from './kernel/logger.ts';
import type { Practice } from './practice/practice.ts';
import { type ConnectionInput, readConnectionInput } from './services/connections/connection-input.ts';

interface Parts {
  readonly config: Config;
  readonly logger: Logger;
}

/** Holds the practice API, if it runs. It is loaded after the first listener is up, since it takes its time. */
export class PracticeHost {
  readonly #parts: Parts;
  #practice: Practice | null = null;
  #connection: ConnectionInput | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The practice API as a connection, or null while it does not run. */
  get connection(): ConnectionInput | null {
    return this.#connection;
  }

  get port(): number | null {
    return this.#practice ? Number(new URL(this.#practice.origin).port) : null;
  }

  /** Starts it where settings want it; where its port is taken Callbook goes on without it and says so. */
  async start(publicUrl: string): Promise<void> {
    const { config, logger } = this.#parts;
    if (!config.practice) return;
    const { startPractice } = await import('./practice/practice.ts');
    const { practiceConnection } = await import('./practice/practice-connection.ts');
    try {
      this.#practice = await startPractice({
        host: '127.0.0.1',
        port: config.practicePort,
        redirectUris: [`${publicUrl}/consent/callback`],
        stateFile: join(dirname(config.databaseFile), 'practice.json'),
        logger,
      });
      const { origin, client } = this.#practice;
      this.#connection = readConnectionInput(practiceConnection(origin, client));
      logger.info({ origin }, 'The practice API is ready.');
    } catch (error) {
      logger.warn(
        { port: config.practicePort, err: error },
        'Callbook runs without the practice API. Set PRACTICE_PORT to a free port, or PRACTICE=off.',
      );
    }
  }

  async close(): Promise<void> {
    await this.#practice?.close();
  }
}
