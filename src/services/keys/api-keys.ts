import { insertApiKey } from '../../db/queries/api-keys.ts';
import { session } from '../../db/session.ts';
import type { Clock } from '../../kernel/clock.ts';
import { type FieldFault, InvalidInput, NotAllowed, NotFound } from '../../kernel/errors.ts';
import type { NewId, RandomBytes } from '../../kernel/ids.ts';
import { type Asker, mayAct, type Role, ROLES } from '../../kernel/role.ts';
import { ApiKey } from '../../model/api-key.ts';
import { hashToken, newToken } from '../../secrets/opaque-token.ts';

const PREFIX = 'cbk_';
const ENDING = 4;
const LONGEST_NAME = 120;

interface Parts {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly random: RandomBytes;
}

/** What a new key shall be; `expiresAt` is null for one that never expires. */
export interface ApiKeyInput {
  readonly name: string;
  readonly role: Role;
  readonly expiresAt: Date | null;
}

/** What may be told of a key. */
export interface ToldApiKey extends ApiKeyInput {
  readonly id: string;
  /** Its last four characters. */
  readonly ending: string;
  /** An owner's e-mail address, or null for the command line. */
  readonly createdBy: string | null;
  readonly createdAt: Date;
  /** To the minute. */
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
  readonly state: 'usable' | 'expired' | 'revoked';
}

/** The API keys of the session's workspace. Owners make and revoke them, programs never do. */
export class ApiKeys {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Makes a key for `actor`, or for the command line where that is null. `key` is told here and never again. Throws
   * `NotAllowed`, and `InvalidInput` with `/name`, `/role` or `/expiresAt`.
   */
  async create(actor: Asker | null, input: ApiKeyInput): Promise<ToldApiKey & { readonly key: string }> {
    const { clock, newId, random } = this.#parts;
    refuseOthers(actor);
    const createdAt = clock.now();
    const name = input.name.trim();
    const faults = faultsOf({ ...input, name }, createdAt);
    if (faults.length > 0) throw new InvalidInput(faults);

    const key = `${PREFIX}${newToken(random)}`;
    const { role, expiresAt } = input;
    const createdBy = actor?.name ?? null;
    const told = { id: newId(), name, role, ending: key.slice(-ENDING), createdBy, createdAt, expiresAt };
    await insertApiKey({ ...told, keyHash: hashToken(key) });
    return { ...told, key, lastUsedAt: null, revokedAt: null, state: 'usable' };
  }

  /** Every key, the newest first; revoked and expired ones too. */
  async list(): Promise<ToldApiKey[]> {
    const now = this.#parts.clock.now();
    const keys = await session.find(ApiKey, {}, { orderBy: { createdAt: 'desc', id: 'desc' } });
    return keys.map((key) => told(key, now));
  }

  /**
   * Makes a key open nothing from now on; one that is revoked already stays as it is. Throws `NotAllowed`, and `NotFound`
   * for a key of nobody here.
   */
  async revoke(actor: Asker | null, id: string): Promise<void> {
    refuseOthers(actor);
    const revoked = await session.nativeUpdate(ApiKey, { id, revokedAt: null }, { revokedAt: this.#parts.clock.now() });
    if (revoked === 0 && (await session.count(ApiKey, { id })) === 0) throw new NotFound('API key', id);
  }
}

function refuseOthers(actor: Asker | null): void {
  if (actor?.by === 'api-key') throw new NotAllowed('An API key can make no API keys, and revoke none.');
  if (actor && !mayAct(actor.role, 'owner'))
    throw new NotAllowed(`API keys are for owners; your role here is ${actor.role}.`);
}

function faultsOf({ name, role, expiresAt }: ApiKeyInput, now: Date): FieldFault[] {
  const faults: FieldFault[] = [];
  const fault = (pointer: string, detail: string) => void faults.push({ pointer, detail });
  if (name === '') fault('/name', 'Say what the key is for.');
  if (name.length > LONGEST_NAME) fault('/name', `At most ${LONGEST_NAME} characters fit here.`);
  if (/\p{Cc}/u.test(name) || !name.isWellFormed()) fault('/name', 'Write the name in one line of text.');
  if (!ROLES.includes(role)) fault('/role', `Choose one of ${ROLES.join(', ')}.`);
  if (expiresAt && !(expiresAt > now)) fault('/expiresAt', 'Choose a time that is yet to come.');
  return faults;
}

function told(key: ApiKey, now: Date): ToldApiKey {
  const { id, name, role, ending, createdAt } = key;
  const { createdBy = null, lastUsedAt = null, expiresAt = null, revokedAt = null } = key;
  const state = key.isUsable(now) ? 'usable' : revokedAt ? 'revoked' : 'expired';
  return { id, name, role, ending, createdBy, createdAt, lastUsedAt, expiresAt, revokedAt, state };
}
