import { systemClock } from '../../src/kernel/clock.ts';
import { idsBy } from '../../src/kernel/ids.ts';
import { session } from '../../src/db/session.ts';
import { Connection } from '../../src/model/connection.ts';
import { Grant } from '../../src/model/grant.ts';

export const newId = idsBy(systemClock);

/** Two workspaces that know nothing of each other. */
export const OURS = newId();
export const THEIRS = newId();

const AT = new Date('2026-11-22T10:00:00.000Z');

/** All columns of a connection of ours, unless the fields say otherwise. */
export function connectionFields(fields: { workspaceId?: string; slug?: string; name?: string } = {}) {
  const id = newId();
  return {
    id,
    workspaceId: OURS,
    slug: `partner-${id}`,
    name: 'Partner',
    baseUrl: 'https://api.partner.example/v1',
    origins: [],
    headers: [],
    timeoutMs: 30_000,
    width: 8,
    resendUnsafeOn401: true,
    keepAlive: false,
    maskNames: [],
    unmaskNames: [],
    auth: { type: 'none' as const },
    sealedSecrets: null,
    createdAt: AT,
    updatedAt: AT,
    lastCallAt: null,
    ...fields,
  };
}

/** All columns of a grant of ours. */
export function grantFields(connectionId: string, workspaceId = OURS) {
  return {
    id: newId(),
    workspaceId,
    connectionId,
    state: 'held' as const,
    reason: null,
    detail: null,
    generation: 7,
    fence: 3,
    leaseInstance: null,
    leaseUntil: null,
    sealedAccessToken: 'v1.sealed-access',
    sealedRefreshToken: null,
    sealedPreviousRefreshToken: null,
    scope: 'orders',
    obtainedAt: AT,
    expiresAt: new Date(AT.getTime() + 3_600_000),
    failures: 0,
    retryAt: null,
    quietUntil: null,
    quietSeconds: 0,
    updatedAt: AT,
  };
}

/** Adds a connection to the session; it is not written yet. */
export function addConnection(fields: Parameters<typeof connectionFields>[0] = {}): Connection {
  return session.create(Connection, connectionFields(fields));
}

/** Adds a grant to the session; it is not written yet. */
export function addGrant(connectionId: string, workspaceId = OURS): Grant {
  return session.create(Grant, grantFields(connectionId, workspaceId));
}
