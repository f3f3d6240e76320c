import { defineEntity, p } from '@mikro-orm/core';
import { ROLES } from '../kernel/role.ts';
import { workspaceBound, workspaceFilter } from './workspace-bound.ts';

const ApiKeySchema = defineEntity({
  name: 'ApiKey',
  tableName: 'api_key',
  properties: {
    ...workspaceBound,
    name: p.string().length(120),
    role: p.enum(ROLES),
    /** SHA-256 (hex) of the whole key; the key itself is nowhere here. */
    keyHash: p.string().length(64).unique(),
    /** Its last four characters, so that people can tell keys apart. */
    ending: p.string().length(4),
    /** An owner's e-mail address, or null for the command line. */
    createdBy: p.string().length(254).nullable(),
    createdAt: p.datetime(),
    lastUsedAt: p.datetime().nullable(),
    expiresAt: p.datetime().nullable(),
    revokedAt: p.datetime().nullable(),
  },
  filters: workspaceFilter,
});

/** Lets a program into one workspace, in one role. The gatekeeper reads it before any workspace is bound. */
export class ApiKey extends ApiKeySchema.class {
  isUsable(now: Date): boolean {
    return !this.revokedAt && (!this.expiresAt || this.expiresAt > now);
  }
}

ApiKeySchema.setClass(ApiKey);
