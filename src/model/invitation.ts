import { defineEntity, p } from '@mikro-orm/core';
import { ROLES } from '../kernel/role.ts';
import { workspaceBound, workspaceFilter } from './workspace-bound.ts';

const InvitationSchema = defineEntity({
  name: 'Invitation',
  tableName: 'invitation',
  properties: {
    ...workspaceBound,
    role: p.enum(ROLES),
    /** Who it is meant for, in the inviter's words; whoever has the link may use it. */
    note: p.string().length(120),
    /** SHA-256 (hex) of the link's token; the token itself is nowhere here. */
    tokenHash: p.string().length(64).unique(),
    /** The inviting owner's e-mail address. */
    createdBy: p.string().length(254),
    createdAt: p.datetime(),
    expiresAt: p.datetime(),
    usedAt: p.datetime().nullable(),
  },
  filters: workspaceFilter,
});

/** A link that makes whoever opens it a member, once. */
export class Invitation extends InvitationSchema.class {
  isOpen(now: Date): boolean {
    return !this.usedAt && this.expiresAt > now;
  }
}

InvitationSchema.setClass(Invitation);
