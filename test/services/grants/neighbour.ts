import { SpillFolder } from '../../../src/db/spill/spill-folder.ts';
import { loadConfig } from '../../../src/config.ts';
import type { Clock } from '../../../src/kernel/clock.ts';
import { systemRandom } from '../../../src/kernel/ids.ts';
import { createLogger } from '../../../src/kernel/logger.ts';
import { loadKeys } from '../../../src/secrets/keys.ts';
import { maskFacts } from '../../../src/secrets/log-masking.ts';
import { openVault } from '../../../src/secrets/vault.ts';
import { createWorkings } from '../../../src/workings.ts';
import { newId } from '../../db/rows.ts';
import type { Stage } from './stage.ts';

/** The keys of the stage's app. */
export function keysOf({ app }: Stage) {
  return loadKeys({ appKey: null, file: `${app.folder}/app.key`, random: systemRandom });
}

/**
 * Another process on the stage's database, as far as grants go: the same rows and files, an id and a clock of its own.
 * The two see each other as alive until one is said to be dead. Close it with `await using`.
 */
export function neighbourOf(stage: Stage, clock: Clock = stage.app.clock) {
  const { database } = stage.app.running;
  const dead = new Set<string>();
  const self = newId();
  const isAlive = (id: string) => Promise.resolve(!dead.has(id));
  const instances = { self, isAlive };
  const spill = new SpillFolder({ folder: `${stage.app.databaseFile}-instances`, instances });
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const workings = createWorkings({
    config: loadConfig({ DATABASE_URL: `sqlite:${stage.app.databaseFile}`, PRACTICE: 'off' }, false),
    version: '0.0.0',
    publicUrl: stage.app.url,
    database: { ...database, instances, spill },
    keys: keysOf(stage),
    clock,
    random: systemRandom,
    logger: createLogger({ level: 'info', format: 'json', maskFacts, destination }),
    ownPorts: () => [],
    practicePort: () => null,
  });
  return {
    self,
    workings,
    log: () => lines.join(''),
    bury: (id: string) => dead.add(id),
    async [Symbol.asyncDispose]() {
      await workings.leave();
      await spill.close();
    },
  };
}

/** Says whether this instance is alive when the stage's app asks, in place of a lock file, and counts how often. */
export function answerFor({ app }: Stage, instance: string, answer: () => boolean) {
  const { instances } = app.running.database;
  const isAlive = instances.isAlive.bind(instances);
  const asked = { times: 0, [Symbol.dispose]: () => void (instances.isAlive = isAlive) };
  instances.isAlive = (id) => {
    if (id !== instance) return isAlive(id);
    asked.times += 1;
    return Promise.resolve(answer());
  };
  return asked;
}

/** Seals as the stage's app does for its spill. */
export function spillVaultOf(stage: Stage) {
  return openVault(keysOf(stage), systemRandom, 'spill');
}
