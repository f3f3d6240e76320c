import { session } from '../../db/session.ts';
import type { AuthSecrets, AuthSettings } from '../../kernel/auth.ts';
import type { Clock } from '../../kernel/clock.ts';
import { Conflict, type FieldFault, InvalidInput, NotAllowed, NotFound } from '../../kernel/errors.ts';
import type { NewId } from '../../kernel/ids.ts';
import { type Actor, mayAct } from '../../kernel/role.ts';
import type { Vault } from '../../kernel/vault.ts';
import { Connection } from '../../model/connection.ts';
import { ConsentAttempt } from '../../model/consent-attempt.ts';
import { DeviceAttempt } from '../../model/device-attempt.ts';
import { Grant } from '../../model/grant.ts';
import { ProviderMetadata } from '../../model/provider-metadata.ts';
import { RefreshAttempt } from '../../model/refresh-attempt.ts';
import { isLeased } from '../grants/grant-clock.ts';
import { sealSecrets } from '../grants/held-secrets.ts';
import { callMasker } from '../grants/live-secrets.ts';
import { authFaults } from './auth-faults.ts';
import { changeOfAuth, exempts, mergedSecrets } from './connection-change.ts';
import { type ConnectionDocument, connectionDocument } from './connection-document.ts';
import type { AuthParts, ConnectionInput } from './connection-input.ts';
import { defaultHeaderFaults } from './default-headers.ts';
import { cancelDeviceAttempts, EDITED } from './device-end.ts';
import { type MadeKeys, signsWithKey, withMadeKeys } from './made-keys.ts';
import { requestFaults } from './parameter-faults.ts';
import { grantColumns, type HeldTokens } from './pasted-grant.ts';
import { readDescription } from './pasted-keys.ts';
import { type PublicJwks, publicJwksOf } from './public-jwks.ts';
import { secretsOf } from './secrets-of.ts';

interface Parts {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly vault: Vault;
  /** A call's usual deadline, for connections that do not say. */
  readonly timeoutMs: number;
}

/** What is wanted of a connection, worked out from what it is; `usualMs` is the deadline of connections that name none. */
export type ConnectionWish = (is: ConnectionDocument, usualMs: number) => ConnectionInput;

/** Names of secrets, never their values, and the key set to be registered with the provider. */
export interface KeptSecrets {
  readonly held: readonly string[];
  readonly publicJwks: PublicJwks | null;
}

const NOTHING: HeldTokens = { accessToken: false, refreshToken: false };

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

  /** What a form shows of a connection's secrets: the names of those it holds, and the public half of its key. */
  async keptSecrets(connection: Connection): Promise<KeptSecrets> {
    const secrets = await secretsOf(this.#parts.vault, connection);
    const tokens = tokensOf(await this.#grantOf(connection));
    const held = [...Object.keys(secrets), ...Object.keys(tokens).filter((name) => tokens[name as keyof HeldTokens])];
    return { held, publicJwks: publicJwksOf(connection.auth, secrets) };
  }

  /** Makes a connection and its grant. Throws `InvalidInput`, `NotAllowed`. */
  create(actor: Actor, input: ConnectionInput): Promise<Connection> {
    refuseViewers(actor);
    if (actor.role !== 'owner' && exempts(input.unmaskNames))
      throw new NotAllowed('Only an owner may choose names that are not masked. Nothing was saved.');
    return withMadeKeys((keys) => session.transactional(() => this.#create(actor, input, keys)));
  }

  /**
   * Changes a connection. Throws `NotFound`, `InvalidInput`, `NotAllowed`, or `Conflict` when its grant is being renewed.
   * What is there is read and changed in one transaction, so that two edits never mend each other's secrets; a wish that
   * starts from what is there is worked out inside it.
   */
  edit(actor: Actor, slug: string, wish: ConnectionInput | ConnectionWish): Promise<Connection> {
    refuseViewers(actor);
    return withMadeKeys((keys) => session.transactional(() => this.#edit(actor, slug, wish, keys)));
  }

  /** Removes a connection with its grant and secrets; its exchanges stay, under its name. */
  async remove(actor: Actor, slug: string): Promise<void> {
    if (actor.role !== 'owner') throw new NotAllowed('Only an owner may delete a connection.');
    const { id } = await this.find(slug);
    await session.transactional(async () => {
      await session.nativeDelete(ConsentAttempt, { connectionId: id });
      await session.nativeDelete(DeviceAttempt, { connectionId: id });
      await session.nativeDelete(ProviderMetadata, { connectionId: id });
      await session.nativeDelete(RefreshAttempt, { connectionId: id });
      await session.nativeDelete(Grant, { connectionId: id });
      await session.nativeDelete(Connection, { id });
    });
  }

  async #create(actor: Actor, input: ConnectionInput, keys: MadeKeys): Promise<Connection> {
    const { clock, newId, vault, timeoutMs } = this.#parts;
    const now = clock.now();
    const { parts, certificateAuthorities, faults } = readDescription(input, now);
    const { settings, secrets: given, pasted } = parts;
    const secrets = mergedSecrets({}, given);
    const isNew = () => true;
    const would = { secrets, refreshToken: isText(pasted.refreshToken), wipes: false, lostKey: false, isNew };
    refuse([...faults, ...shownFaults(input, settings, secrets), ...unsaid(faults, authFaults(settings, would))]);

    const id = newId();
    const grantId = newId();
    const slug = input.slug ?? (await this.#freeSlug(input.name));
    await this.#refuseTaken(slug, null);
    const { workspaceId } = actor;
    const row = {
      ...plainColumns(input, { timeoutMs, unmaskNames: [] }),
      certificateAuthorities,
      id,
      workspaceId,
      slug,
      auth: settings,
      createdAt: now,
      updatedAt: now,
    };
    const sealedSecrets = sealSecrets(vault, id, keys.complete(settings, secrets));
    const connection = session.create(Connection, { ...row, sealedSecrets });
    session.create(Grant, {
      id: grantId,
      workspaceId,
      connectionId: id,
      generation: settings.type === 'oauth2' && isText(pasted.accessToken ?? pasted.refreshToken) ? 1 : 0,
      fence: 0,
      updatedAt: now,
      ...grantColumns({ vault, grantId, settings, pasted, now }),
    });
    await session.flush();
    return connection;
  }

  async #edit(actor: Actor, slug: string, wish: ConnectionInput | ConnectionWish, keys: MadeKeys): Promise<Connection> {
    const { clock, vault, timeoutMs } = this.#parts;
    const connection = await session.findOne(Connection, { slug }, { populate: ['sealedSecrets'], refresh: true });
    if (!connection) throw new NotFound('connection', slug);
    const grant = await this.#grantOf(connection);
    const held = tokensOf(grant);
    const secretsHeld = await secretsOf(vault, connection);
    const input =
      typeof wish === 'function' ? wish(connectionDocument(connection, secretsHeld, held), timeoutMs) : wish;
    const now = clock.now();
    const { parts, certificateAuthorities, faults } = readDescription(input, now);
    const holds = held.refreshToken || held.accessToken || typeof connection.sealedSecrets === 'string';
    const was = { ...pick(connection), secrets: secretsHeld, holds };
    const change = changeOfAuth(actor.role, was, { ...input, certificateAuthorities }, parts);
    const { secrets, wipes, touchesGrant } = change;
    const keepsRefresh = !wipes && held.refreshToken && parts.pasted.refreshToken === undefined;
    const would = {
      secrets,
      refreshToken: keepsRefresh || isText(parts.pasted.refreshToken),
      wipes,
      lostKey: losesKey(connection.auth, parts, secrets),
      isNew: (name: keyof AuthSecrets) => isText(parts.secrets[name]),
    };
    refuse([
      ...faults,
      ...shownFaults(input, parts.settings, { ...was.secrets, ...secrets }),
      ...unsaid(faults, authFaults(parts.settings, would)),
    ]);
    const nextSlug = input.slug ?? slug;
    await this.#refuseTaken(nextSlug, connection.id);

    if (touchesGrant && !wipes && isLeased(grant, now)) throw renewedMeanwhile(connection);
    const made = touchesGrant ? keys.complete(parts.settings, secrets) : secrets;
    session.assign(connection, {
      ...plainColumns(input, connection),
      certificateAuthorities,
      slug: nextSlug,
      auth: parts.settings,
      ...(touchesGrant && { sealedSecrets: sealSecrets(vault, connection.id, made) }),
      // Never the time it had: a call that waits for its token tells by it that the connection has changed.
      updatedAt: new Date(Math.max(now.getTime(), connection.updatedAt.getTime() + 1)),
    });
    if (touchesGrant) await this.#changeGrant(grant, parts, wipes ? NOTHING : held, now);
    // A consent under way was asked for under the old settings; its code must not go to the new address.
    if (touchesGrant) await session.nativeDelete(ConsentAttempt, { connectionId: connection.id });
    if (touchesGrant) await cancelDeviceAttempts(connection.id, EDITED, now);
    await session.flush();
    return connection;
  }

  async #grantOf({ id }: Connection): Promise<Grant> {
    const populate = ['sealedRefreshToken', 'sealedAccessToken'] as const;
    return session.findOneOrFail(Grant, { connectionId: id }, { populate, refresh: true });
  }

  /** Past the unit of work: the token columns have one writer, and this one says which generation it has seen. */
  async #changeGrant(grant: Grant, { settings, pasted }: AuthParts, held: HeldTokens, now: Date): Promise<void> {
    const { id, generation, fence } = grant;
    const columns = grantColumns({ vault: this.#parts.vault, grantId: id, settings, pasted, now, held });
    const moved = { generation: settings.type === 'oauth2' ? generation + 1 : 0, fence: fence + 1, updatedAt: now };
    const rows = await session.nativeUpdate(Grant, { id, generation, fence }, { ...columns, ...moved });
    if (rows !== 1) throw new Conflict('The grant was renewed meanwhile. Nothing was saved; send the form again.');
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

function tokensOf({ sealedAccessToken, sealedRefreshToken }: Grant): HeldTokens {
  return { accessToken: sealedAccessToken !== null, refreshToken: sealedRefreshToken !== null };
}

function isText(token: string | null | undefined): token is string {
  return typeof token === 'string';
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

/** A key that signed until now is replaced by another only where somebody says so: the provider knows this one. */
function losesKey(was: AuthSettings, { settings, secrets: given }: AuthParts, { privateKey }: AuthSecrets): boolean {
  const signed = (auth: AuthSettings) => auth.type === 'oauth2' && signsWithKey(auth);
  return signed(was) && signed(settings) && privateKey === undefined && given.privateKey === undefined;
}

/** What everybody who may look will see holds no secret. */
function shownFaults({ headers, maskNames }: ConnectionInput, auth: AuthSettings, secrets: AuthSecrets): FieldFault[] {
  const masker = callMasker({ auth, maskNames, unmaskNames: [] }, secrets, []);
  return [...defaultHeaderFaults(headers, masker), ...(auth.type === 'oauth2' ? requestFaults(auth, masker) : [])];
}

/** A field that cannot be read is not said to be empty as well. */
function unsaid(said: readonly FieldFault[], faults: readonly FieldFault[]): FieldFault[] {
  return faults.filter(({ pointer }) => !said.some((fault) => fault.pointer === pointer));
}

function plainColumns(input: ConnectionInput, was: Pick<Connection, 'timeoutMs' | 'unmaskNames'>) {
  const { name, baseUrl, origins, headers, width, resendUnsafeOn401, keepAlive, maskNames } = input;
  const { timeoutMs = was.timeoutMs, unmaskNames = was.unmaskNames } = input;
  const calls = { timeoutMs, width, resendUnsafeOn401, keepAlive };
  return { name, baseUrl, origins, headers, ...calls, maskNames, unmaskNames };
}

function pick({ baseUrl, origins, resendUnsafeOn401, unmaskNames, auth, certificateAuthorities = null }: Connection) {
  return { baseUrl, origins, resendUnsafeOn401, unmaskNames, auth, certificateAuthorities };
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
