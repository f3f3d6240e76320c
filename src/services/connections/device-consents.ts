import { heldGrant } from '../../db/queries/held-grant.ts';
import { session } from '../../db/session.ts';
import { Conflict, NotAllowed, NotFound } from '../../kernel/errors.ts';
import { type Actor, mayAct } from '../../kernel/role.ts';
import { Connection } from '../../model/connection.ts';
import { DeviceAttempt } from '../../model/device-attempt.ts';
import type { DeviceAuthorization } from '../../oauth/device-authorization.ts';
import { cancelDeviceAttempts, endedColumns, REPLACED, STOPPED } from './device-end.ts';
import { DeviceRequest, type DeviceRequestParts } from './device-request.ts';
import { nextPoll } from './device-schedule.ts';
import { sealedCodes } from './device-seals.ts';
import { type DeviceTelling, tellDevice } from './device-telling.ts';

/** What came of starting: the attempt to follow, or why the provider gave no code. */
export type DeviceStart =
  | { readonly kind: 'started'; readonly id: string }
  | { readonly kind: 'failed'; readonly code: string; readonly detail: string };

const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';

/** Consent on another device (RFC 8628): starts it, tells of it, stops it. `device-sweep.ts` asks how it went. */
export class DeviceConsents {
  readonly #parts: DeviceRequestParts;
  readonly #request: DeviceRequest;

  constructor(parts: DeviceRequestParts) {
    this.#parts = parts;
    this.#request = new DeviceRequest(parts);
  }

  /**
   * Asks the provider for codes, in place of those that were asked for before. The grant held stays until a new one came.
   * Throws `NotFound`, `NotAllowed`, `Conflict`, `Misconfigured`.
   */
  async begin(actor: Actor, slug: string): Promise<DeviceStart> {
    refuseViewers(actor);
    const connection = await this.#connection(slug);
    const grant = await heldGrant(actor.workspaceId, connection.id);
    const answer = await this.#request.ask(grant, actor.name);
    if (answer.reply.kind === 'failed') return answer.reply;
    const { authorization } = answer.reply;
    return session.transactional(() => this.#store(actor, connection, authorization, answer.askedAt));
  }

  /** One of a connection. Throws `NotFound`, and `NotAllowed` for viewers: whoever has the code can consent. */
  async find(actor: Actor, slug: string, id: string): Promise<DeviceTelling> {
    refuseViewers(actor);
    const attempt = await this.#attempt(slug, id);
    return tellDevice(this.#parts.vault, attempt, this.#parts.clock.now());
  }

  /** The id of the one that waits, or null. */
  async waiting(connectionId: string): Promise<string | null> {
    const expiresAt = { $gt: this.#parts.clock.now() };
    const attempt = await session.findOne(
      DeviceAttempt,
      { connectionId, state: 'pending', expiresAt },
      { fields: ['id'] },
    );
    return attempt?.id ?? null;
  }

  /** Waits no longer; one that is over stays as it ended. Throws `NotFound`, `NotAllowed`. */
  async stop(actor: Actor, slug: string, id: string): Promise<void> {
    refuseViewers(actor);
    await this.#attempt(slug, id);
    await session.nativeUpdate(DeviceAttempt, { id, state: 'pending' }, endedColumns(STOPPED, this.#parts.clock.now()));
  }

  async #store(
    actor: Actor,
    connection: Connection,
    authorization: DeviceAuthorization,
    askedAt: Date,
  ): Promise<DeviceStart> {
    const { vault, clock, newId } = this.#parts;
    const { id: connectionId, name, updatedAt } = connection;
    if ((await session.count(Connection, { id: connectionId, updatedAt })) === 0) throw editedMeanwhile(name);
    const now = clock.now();
    await cancelDeviceAttempts(connectionId, REPLACED, now);
    const id = newId();
    const expiresAt = later(askedAt, authorization.expiresInSeconds);
    await session.insert(DeviceAttempt, {
      id,
      workspaceId: actor.workspaceId,
      connectionId,
      state: 'pending',
      ...sealedCodes(vault, id, authorization),
      verificationUri: authorization.verificationUri,
      intervalSeconds: authorization.intervalSeconds,
      polls: 0,
      nextPollAt: nextPoll({ intervalSeconds: authorization.intervalSeconds, expiresAt }, now),
      startedBy: actor.name,
      createdAt: now,
      expiresAt,
    });
    return { kind: 'started', id };
  }

  async #connection(slug: string): Promise<Connection> {
    const connection = await session.findOne(Connection, { slug });
    if (!connection) throw new NotFound('connection', slug);
    const { auth, name } = connection;
    if (auth.type !== 'oauth2' || auth.grantType !== DEVICE_CODE) {
      throw new Conflict(
        `${name} is not authorised by consent on another device. Edit the connection if it should be.`,
      );
    }
    return connection;
  }

  async #attempt(slug: string, id: string): Promise<DeviceAttempt> {
    const connection = await session.findOne(Connection, { slug }, { fields: ['id'] });
    const attempt = connection && (await session.findOne(DeviceAttempt, { id, connectionId: connection.id }));
    if (!attempt) throw new NotFound('consent on another device', id);
    return attempt;
  }
}

function refuseViewers({ role }: Actor): void {
  if (!mayAct(role, 'editor')) throw new NotAllowed('Viewers may look at grants, not consent to them.');
}

/** The codes were asked for under settings that are not there any more. */
function editedMeanwhile(name: string): Conflict {
  return new Conflict(`${name} was edited while its provider was asked. Nothing was kept; start the consent again.`);
}

function later(moment: Date, seconds: number): Date {
  return new Date(moment.getTime() + seconds * 1000);
}
