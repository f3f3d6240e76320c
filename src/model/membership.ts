import { defineEntity, p } from '@mikro-orm/core';
import { ROLES } from '../kernel/role.ts';
import { workspaceBound, workspaceFilter } from './workspace-bound.ts';

const MembershipSchema = defineEntity({
  name: 'Membership',
  tableName: 'membership',
  properties: {
    ...workspaceBound,
    userId: p.uuid().index(),
    role: p.enum(ROLES),
    createdAt: p.datetime(),
    /** When this person was last here, to the minute; null until they come. */
    lastSeenAt: p.datetime().nullable(),
  },
  filters: workspaceFilter,
  uniques: [{ properties: ['workspaceId', 'userId'] }],
});

/** What a person may do in a workspace. The gatekeeper reads it in a system scope, before any workspace is bound. */
export class Membership extends MembershipSchema.class {}

MembershipSchema.setClass(Membership);
