import { loadConfig } from './config.ts';
import { systemClock } from './kernel/clock.ts';
import { systemRandom } from './kernel/ids.ts';
import { createLogger } from './kernel/logger.ts';
import { stopSignal } from './lifecycle.ts';
import { maskFacts } from './secrets/log-masking.ts';
import { serve } from './serve.ts';

/** Starts Callbook from the environment and serves until it is told to stop. Throws before it listens if it cannot. */
export async function main(): Promise<void> {
  const config = loadConfig();
  const logger = createLogger({ level: config.logLevel, format: config.logFormat, maskFacts });
  const stop = stopSignal();
  const say = (line: string) => process.stdout.write(`${line}\n`);
  const running = await serve({ config, logger, clock: systemClock, random: systemRandom, say });
  logger.info({ signal: await stop }, 'Stopping: calls under way may finish.');
  await running.close();
  logger.info({}, 'Stopped.');
}
