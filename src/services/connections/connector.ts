import { session } from '../../db/session.ts';
import type { AuthSecrets } from '../../kernel/auth.ts';
import type { Clock } from '../../kernel/clock.ts';
import { Conflict, InvalidInput, NotAllowed, NotFound } from '../../kernel/errors.ts';
import type { NewId } from '../../kernel/ids.ts';
import { type Actor, mayAct } from '../../kernel/role.ts';
import type { Vault } from '../../kernel/vault.ts';
import { Connection } from '../../model/connection.ts';
import { ConsentAttempt } from '../../model/consent-attempt.ts';
import { Grant } from '../../model/grant.ts';
import { RefreshAttempt } from '../../model/refresh-attempt.ts';
import { openSecrets, sealSecrets } from '../grants/held-secrets.ts';
import { checkDefaultHeaders } from './default-headers.ts';
import { authFaults, changeOfAuth } from './connection-change.ts';
import { authParts, type ConnectionInput } from './connection-input.ts';
import { grantColumns } from './pasted-grant.ts';

interface Parts {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly vault: Vault;
}

/** Makes, changes and removes connections: who may, what is kept and what is forgotten. */
export class Connector {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Every connection of the workspace, by name. */
  list(): Promise<Connection[]> {
    return session.find(Connection, {}, { orderBy: { name: 'asc', id: 'asc' } });
  }

  /** Throws `NotFound`. */
  async find(slug: string): Promise<Connection> {
    const connection = await session.findOne(Connection, { slug });
    if (!connection) throw new NotFound('connection', slug);
    return connection;
  }

  /** Names of the secrets a connection holds; never their values. */
  async secretsHeld(connection: Connection): Promise<readonly string[]> {
    return Object.keys(await this.#secretsOf(connection));
  }

  /** Makes a connection and its grant. Throws `InvalidInput`, `NotAllowed`. */
  async create(actor: Actor, input: ConnectionInput): Promise<Connection> {
    refuseViewers(actor);
    const { clock, newId, vault } = this.#parts;
    const { settings, secrets: given, pasted } = authParts(input.auth);
    const secrets = Object.fromEntries(
      Object.entries(given).filter(([, value]) => typeof value === 'string'),
    ) as AuthSecrets;
    refuse([...checkDefaultHeaders(input.headers), ...authFaults(settings, secrets, pasted.refreshToken !== null)]);

    const id = newId();
    const grantId = newId();
    const now = clock.now();
    const slug = input.slug ?? (await this.#freeSlug(input.name));
    await this.#refuseTaken(slug, null);
    const { workspaceId } = actor;
    const row = { ...plainColumns(input), id, workspaceId, slug, auth: settings, createdAt: now, updatedAt: now };
    const connection = session.create(Connection, { ...row, sealedSecrets: sealSecrets(vault, id, secrets) });
    session.create(Grant, {
      id: grantId,
      workspaceId,
      connectionId: id,
      generation: settings.type === 'oauth2' && (pasted.accessToken ?? pasted.refreshToken) !== null ? 1 : 0,
      fence: 0,
      updatedAt: now,
      ...grantColumns({ vault, grantId, settings, pasted, now }),
    });
    await session.flush();
    return connection;
  }

  /** Changes a connection. Throws `NotFound`, `InvalidInput`, `NotAllowed`, or `Conflict` when the grant moved meanwhile. */
  async edit(actor: Actor, slug: string, input: ConnectionInput): Promise<Connection> {
    refuseViewers(actor);
    const { clock, vault } = this.#parts;
    const connection = await this.find(slug);
    const grant = await session.findOneOrFail(
      Grant,
      { connectionId: connection.id },
      { populate: ['sealedRefreshToken', 'sealedAccessToken'] },
    );
    const parts = authParts(input.auth);
    const holdsGrant = grant.sealedRefreshToken !== null || grant.sealedAccessToken !== null;
    const was = { ...pick(connection), secrets: await this.#secretsOf(connection), holdsGrant };
    const change = changeOfAuth(actor.role, was, input, parts);
    const keepsRefreshToken = !change.wipes && grant.sealedRefreshToken !== null;
    refuse([
      ...checkDefaultHeaders(input.headers),
      ...authFaults(parts.settings, change.secrets, keepsRefreshToken || parts.pasted.refreshToken !== null),
    ]);
    const nextSlug = input.slug ?? slug;
    await this.#refuseTaken(nextSlug, connection.id);

    const now = clock.now();
    const isRenewing = grant.leaseUntil instanceof Date && grant.leaseUntil > now;
    if (change.touchesGrant && !change.wipes && isRenewing) throw renewedMeanwhile(connection);
    const sealedSecrets = sealSecrets(vault, connection.id, change.secrets);
    await session.transactional(async () => {
      const columns = { ...plainColumns(input), slug: nextSlug, auth: parts.settings, sealedSecrets, updatedAt: now };
      await session.nativeUpdate(Connection, { id: connection.id }, columns);
      if (!change.touchesGrant) return;
      const keeps = !change.wipes && holdsGrant;
      const rows = await session.nativeUpdate(
        Grant,
        { id: grant.id, generation: grant.generation, fence: grant.fence },
        {
          ...grantColumns({ vault, grantId: grant.id, settings: parts.settings, pasted: parts.pasted, now, keeps }),
          generation: parts.settings.type === 'oauth2' ? grant.generation + 1 : 0,
          fence: grant.fence + 1,
          updatedAt: now,
        },
      );
      if (rows !== 1)
        throw new Conflict(
          `The grant of ${connection.name} was renewed meanwhile. Nothing was saved; send the form again.`,
        );
    });
    return session.refresh(connection).then(() => connection);
  }

  /** Removes a connection with its grant and secrets; its exchanges stay, under its name. */
  async remove(actor: Actor, slug: string): Promise<void> {
    if (actor.role !== 'owner') throw new NotAllowed('Only an owner may delete a connection.');
    const { id } = await this.find(slug);
    await session.transactional(async () => {
      await session.nativeDelete(ConsentAttempt, { connectionId: id });
      await session.nativeDelete(RefreshAttempt, { connectionId: id });
      await session.nativeDelete(Grant, { connectionId: id });
      await session.nativeDelete(Connection, { id });
    });
  }

  async #secretsOf(connection: Connection): Promise<AuthSecrets> {
    await session.populate(connection, ['sealedSecrets']);
    return openSecrets(this.#parts.vault, connection.id, connection.sealedSecrets ?? null);
  }

  async #freeSlug(name: string): Promise<string> {
    const stem = slugOf(name);
    for (let number = 1; ; number += 1) {
      const slug = number === 1 ? stem : `${stem}-${number}`;
      if ((await session.count(Connection, { slug })) === 0) return slug;
    }
  }

  async #refuseTaken(slug: string, ownId: string | null): Promise<void> {
    const holder = await session.findOne(Connection, { slug }, { fields: ['id'] });
    if (holder && holder.id !== ownId)
      refuse([{ pointer: '/slug', detail: 'Another connection has this slug; choose another.' }]);
  }
}

function refuse(faults: ConstructorParameters<typeof InvalidInput>[0]): void {
  if (faults.length > 0) throw new InvalidInput(faults);
}

function refuseViewers({ role }: Actor): void {
  if (!mayAct(role, 'editor')) throw new NotAllowed('Viewers may look at connections, not change them.');
}

/** A renewal's tokens are worth more than an edit: the edit is sent again. */
function renewedMeanwhile({ name }: Connection): Conflict {
  return new Conflict(
    `The grant of ${name} is being renewed just now. Nothing was saved; send the form again in a moment.`,
  );
}

function plainColumns(input: ConnectionInput) {
  const { name, baseUrl, origins, headers, timeoutMs, width, resendUnsafeOn401, keepAlive, maskNames, unmaskNames } =
    input;
  return { name, baseUrl, origins, headers, timeoutMs, width, resendUnsafeOn401, keepAlive, maskNames, unmaskNames };
}

function pick({ baseUrl, origins, resendUnsafeOn401, auth }: Connection) {
  return { baseUrl, origins, resendUnsafeOn401, auth };
}

function slugOf(name: string): string {
  const slug = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 50);
  return slug === '' || slug === 'new' ? `${slug || 'connection'}-api` : slug;
}
