import type { Config } from './config.ts';
import { refuseIfInTransaction } from './db/session.ts';
import { examineFile, inspectFile } from './db/sqlite/inspection.ts';
import { systemClock } from './kernel/clock.ts';
import type { Outcome } from './kernel/exchange.ts';
import type { Logger } from './kernel/logger.ts';
import { keysAsTheyAre } from './opening.ts';
import { createApiClient } from './outbound/api-client.ts';
import { egressPolicy } from './outbound/egress-policy.ts';
import { whichKeysMatch } from './secrets/key-check.ts';
import { maskerFor } from './secrets/masking.ts';

interface Parts {
  readonly config: Config;
  readonly logger: Logger;
}

/** A key's id and its check value, as the database keeps them. */
type KeyChecks = Parameters<typeof whichKeysMatch>[1];

const ANSWER_MS = 5_000;
const ANSWER_BYTES = 2 ** 20;
const AT_ONCE = 64;

/** Looks at everything Callbook stands on, and changes nothing: no file is made, nothing is migrated. */
export function createInspection({ config, logger }: Parts) {
  const client = createApiClient({
    clock: systemClock,
    egress: egressPolicy({
      entries: config.egress,
      ownPorts: () => [config.port],
      ownPortsExcept: () => (config.practice ? config.practicePort : null),
    }),
    logger,
    refuseIfInTransaction,
    limits: { width: AT_ONCE, line: 10_000, connectMs: ANSWER_MS },
  });

  const masker = maskerFor({ secrets: [], wide: true });

  return {
    inspectFile: () => inspectFile(config.databaseFile),
    examineFile: () => examineFile(config.databaseFile),

    /** The id of the key that seals; null where the first start will make one. Throws `UnusableKeys`, `WrongAppKey`. */
    checkKeys(stored: KeyChecks): string | null {
      const ring = keysAsTheyAre(config);
      if (ring) whichKeysMatch(ring, stored);
      return ring?.primary.kid ?? null;
    },

    /** Asks for the head of a URL without credentials, as a call of ours would; at most 5 seconds. */
    async ask(url: string): Promise<Outcome> {
      const { outcome } = await client.send({
        request: { method: 'HEAD', url, headers: [], body: null },
        lane: { key: url, width: 1 },
        deadlineMs: ANSWER_MS,
        keepBytes: 0,
        maxBytes: ANSWER_BYTES,
        redirects: 'none',
        origins: [new URL(url).origin],
        credentialHeaders: [],
        masker,
      });
      return outcome;
    },

    close: () => client.close(),
  };
}

export type Inspecting = ReturnType<typeof createInspection>;
