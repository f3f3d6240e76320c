import { defineEntity, p } from '@mikro-orm/core';
import { ROLES } from '../kernel/role.ts';
import { identified } from './workspace-bound.ts';

const MembershipSchema = defineEntity({
  name: 'Membership',
  tableName: 'membership',
  properties: {
    ...identified,
    workspaceId: p.uuid(),
    userId: p.uuid().index(),
    role: p.enum(ROLES),
    createdAt: p.datetime(),
  },
  uniques: [{ properties: ['workspaceId', 'userId'] }],
});

/** What a person may do in a workspace. Read by the gatekeeper before any workspace is bound, so no filter. */
export class Membership extends MembershipSchema.class {}

MembershipSchema.setClass(Membership);
