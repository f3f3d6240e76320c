import { defineEntity, p } from '@mikro-orm/core';
import { identified } from './workspace-bound.ts';

const WorkspaceSchema = defineEntity({
  name: 'Workspace',
  tableName: 'workspace',
  properties: {
    ...identified,
    slug: p.string().length(60).unique(),
    name: p.string().length(120),
    createdAt: p.datetime(),
  },
});

/** What a team shares; every other row but people and machinery belongs to one. */
export class Workspace extends WorkspaceSchema.class {}

WorkspaceSchema.setClass(Workspace);
