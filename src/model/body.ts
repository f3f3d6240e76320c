import { defineEntity, p } from '@mikro-orm/core';
import { workspaceBound, workspaceFilter } from './workspace-bound.ts';

const BodySchema = defineEntity({
  name: 'Body',
  tableName: 'body',
  properties: {
    ...workspaceBound,
    /** SHA-256 (hex) of the masked bytes: a body is kept once per content and workspace. */
    sha256: p.string().length(64),
    bytes: p.integer(),
    /** What its chunks take, packed; 0 until it is all there. */
    storedBytes: p.integer().default(0),
    createdAt: p.datetime(),
  },
  filters: workspaceFilter,
  uniques: [{ properties: ['workspaceId', 'sha256'] }],
});

/** The content of a request or an answer, shared by the exchanges of one workspace. */
export class Body extends BodySchema.class {}

BodySchema.setClass(Body);
