import { defineEntity, p } from '@mikro-orm/core';
import { workspaceBound, workspaceFilter } from './workspace-bound.ts';

/** Bytes of one chunk; larger rows would hold the event loop. */
export const CHUNK_BYTES = 256 * 1024;

const BodyChunkSchema = defineEntity({
  name: 'BodyChunk',
  tableName: 'body_chunk',
  properties: {
    ...workspaceBound,
    bodyId: p.uuid(),
    position: p.integer(),
    content: p.uint8array(),
  },
  filters: workspaceFilter,
  uniques: [{ properties: ['bodyId', 'position'] }],
});

/** A piece of a body, at most `CHUNK_BYTES` long, counted from 0. */
export class BodyChunk extends BodyChunkSchema.class {}

BodyChunkSchema.setClass(BodyChunk);
