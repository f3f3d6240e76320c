import { tokenSetsSoFar } from '../db/queries/grants-due.ts';
import { durably, session } from '../db/session.ts';
import { withSystem } from '../db/system.ts';
import { canFetchAlone } from '../kernel/auth.ts';
import type { EpochFile } from '../kernel/epoch-file.ts';
import type { NewId } from '../kernel/ids.ts';
import type { Logger } from '../kernel/logger.ts';
import { Connection } from '../model/connection.ts';
import { Grant } from '../model/grant.ts';
import { Meta } from '../model/meta.ts';
import type { GrantLedger } from './grants/grant-ledger.ts';
import { RESTORED } from './grants/grant-standing.ts';

const KEY = 'boot-epoch';

/** How often it is looked whether tokens have come that an older copy of the database would not have. */
export const EPOCH_MS = 5_000;

interface Parts {
  readonly file: EpochFile;
  readonly ledger: GrantLedger;
  readonly newId: NewId;
  readonly logger: Logger;
}

/**
 * Notices a database that was put back to an older state: its refresh tokens may be spent. An epoch stands in the
 * database and in a file outside; both are renewed at each start and after each new token set. The file comes first and
 * then knows both, so that a crash at any moment is no mismatch.
 */
export class BootEpoch {
  readonly #parts: Parts;
  #tokenSets: number | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * At start, before anybody uses a grant: gives how many grants are in doubt because the database is older than its
   * file, or because its file is missing. Only then the epoch is renewed.
   */
  async check(): Promise<number> {
    const doubted = (await this.#agrees()) ? null : await this.#doubtGrants();
    if (doubted !== null)
      this.#parts.logger.error(
        { grants: doubted },
        'The database is older than its boot_epoch file, or the file is missing: a backup was put back, or the database was moved here. Refresh tokens may be spent already. Access tokens serve until they end; then each refresh token is tried once.',
      );
    this.#tokenSets = await withSystem(tokenSetsSoFar);
    await this.#renew(doubted !== null);
    return doubted ?? 0;
  }

  /** Renews the epoch if tokens have come since the last time. A database that does not match its file is left to `check`. */
  async keepUp(): Promise<void> {
    const tokenSets = await withSystem(tokenSetsSoFar);
    if (tokenSets === this.#tokenSets) return;
    if (await this.#renew(false)) this.#tokenSets = tokenSets;
  }

  async #agrees(): Promise<boolean> {
    return withSystem(async () => agree(this.#parts.file.read(), await heldEpoch()));
  }

  /** False where it could not be done: file and database agree as before then. */
  async #renew(always: boolean): Promise<boolean> {
    const { file, newId, logger } = this.#parts;
    const next = newId();
    try {
      const isRenewed = await inTransaction(async () => {
        const held = await heldEpoch();
        if (!always && !agree(file.read(), held)) return false;
        file.write(held === null ? [next] : [held, next]);
        await session.upsert(Meta, { key: KEY, value: next });
        return true;
      });
      if (isRenewed)
        await inTransaction(async () => {
          if ((await heldEpoch()) === next) file.write([next]);
        });
      return isRenewed;
    } catch (err) {
      logger.warn({ err }, 'The boot epoch could not be renewed: a backup that is put back now may go unnoticed.');
      return false;
    }
  }

  async #doubtGrants(): Promise<number> {
    const found = await withSystem(async () => {
      const states = { $in: ['held' as const, 'ambiguous' as const] };
      const grants = await session.find(Grant, { state: states, sealedRefreshToken: { $ne: null } });
      const connections = await session.find(Connection, {}, { fields: ['auth'] });
      const auths = new Map(connections.map(({ id, auth }) => [id, auth]));
      return grants
        .filter(({ connectionId }) => spends(auths.get(connectionId)))
        .map(({ id, workspaceId, generation, fence }) => ({ id, workspaceId, generation, fence }));
    });
    for (const grant of found) await this.#parts.ledger.move(grant, RESTORED);
    return found.length;
  }
}

function spends(auth: Connection['auth'] | undefined): boolean {
  return auth?.type === 'oauth2' && !canFetchAlone(auth);
}

/** A database that never had an epoch is no older than a file that is not there. */
function agree(known: readonly string[] | null, held: string | null): boolean {
  return held === null ? known === null : known !== null && known.includes(held);
}

async function heldEpoch(): Promise<string | null> {
  return (await session.findOne(Meta, { key: KEY }))?.value ?? null;
}

/** In a scope of its own, which reads past what another has read. */
function inTransaction<T>(work: () => Promise<T>): Promise<T> {
  return withSystem(() => durably(work));
}
