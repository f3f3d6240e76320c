import { type HeldGrant, heldGrant } from '../../db/queries/held-grant.ts';
import { session } from '../../db/session.ts';
import { AppError } from '../../kernel/errors.ts';
import { DeviceAttempt } from '../../model/device-attempt.ts';
import type { Draft } from '../exchanges/exchange-journal.ts';
import { openSecrets } from '../grants/held-secrets.ts';
import { openTokens } from '../grants/live-secrets.ts';
import { type ReadyTokenCall, readyTokenCall, type TokenCallTools } from '../grants/token-call.ts';
import { tokenDraft } from '../grants/token-draft.ts';
import { type DeviceEnd, endedColumns, EXPIRED } from './device-end.ts';
import type { DeviceRequestParts } from './device-request.ts';
import { endOfTurn } from './device-schedule.ts';
import { openCodes } from './device-seals.ts';

/** Where an attempt stands. */
export interface AttemptPlace {
  readonly id: string;
  readonly workspaceId: string;
}

/** A poll that is on record and about to leave; until `until` nobody else asks. */
export interface Turn {
  readonly attempt: DeviceAttempt;
  readonly grant: HeldGrant;
  readonly draft: Draft;
  readonly until: Date;
  readonly call: ReadyTokenCall;
}

export interface TurnParts extends DeviceRequestParts {
  readonly nonces: TokenCallTools['nonces'];
}

/** Gives the turn to ask how a consent on another device stands: to one process at a time, and only while it is of use. */
export class DeviceTurns {
  readonly #parts: TurnParts;

  constructor(parts: TurnParts) {
    this.#parts = parts;
  }

  /**
   * Takes the turn and writes the poll down as pending, all or nothing; null where there is nothing to ask. An attempt
   * that has run out, or that cannot be asked for any more, ends here. In the session of its workspace.
   */
  async take({ id, workspaceId }: AttemptPlace): Promise<Turn | null> {
    const now = this.#parts.clock.now();
    const attempt = await session.findOne(DeviceAttempt, { id, state: 'pending' });
    if (!attempt || attempt.nextPollAt > now) return null;
    if (attempt.expiresAt <= now) return this.#end(attempt, EXPIRED);
    const grant = await heldGrant(workspaceId, attempt.connectionId);
    const turn = await this.#prepared(attempt, grant, now).catch((error: unknown) => {
      if (error instanceof AppError) return error;
      throw error;
    });
    if (turn instanceof AppError) return this.#end(attempt, failedBy(turn));
    return (await session.transactional(() => this.#claim(turn))) ? turn : null;
  }

  async #prepared(attempt: DeviceAttempt, grant: HeldGrant, now: Date): Promise<Turn> {
    const { vault, newId } = this.#parts;
    const { deviceCode, userCode } = openCodes(vault, attempt);
    if (deviceCode === null) throw new CodesLost('The codes of this consent cannot be read any more.');
    const { auth: settings, certificateAuthorities } = grant;
    const secrets = openSecrets(vault, grant.connectionId, grant.sealedSecrets);
    const held = [userCode, ...openTokens(vault, grant)];
    const asks = { kind: 'device', deviceCode } as const;
    const call = await readyTokenCall({ settings, secrets, certificateAuthorities, grant: asks, held }, this.#parts);
    const draft = tokenDraft(grant, call.request, { id: newId(), sentBy: attempt.startedBy, startedAt: now });
    return { attempt, grant, draft, until: endOfTurn(now), call };
  }

  async #claim({ attempt: { id, nextPollAt, polls }, until, draft, call }: Turn): Promise<boolean> {
    const rows = await session.nativeUpdate(
      DeviceAttempt,
      { id, state: 'pending', nextPollAt },
      { nextPollAt: until, polls: polls + 1 },
    );
    if (rows === 1) await this.#parts.journal.begin(draft, call.masker);
    return rows === 1;
  }

  async #end({ id, nextPollAt }: DeviceAttempt, end: DeviceEnd): Promise<null> {
    const columns = endedColumns(end, this.#parts.clock.now());
    await session.nativeUpdate(DeviceAttempt, { id, state: 'pending', nextPollAt }, columns);
    return null;
  }
}

class CodesLost extends AppError {
  readonly code = 'unexpected';
}

function failedBy({ code, message }: AppError): DeviceEnd {
  return { state: 'failed', reason: code, detail: `${message} The grant held before is untouched.` };
}
