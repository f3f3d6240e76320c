import { defineEntity, p } from '@mikro-orm/core';
import { workspaceBound, workspaceFilter } from './workspace-bound.ts';

/** Bytes of one chunk; larger rows would hold the event loop. */
export const CHUNK_BYTES = 256 * 1024;

const CODINGS = ['identity', 'zstd'] as const;
/** How the content of a chunk is stored, in HTTP's words for content codings. */
export type ChunkCoding = (typeof CODINGS)[number];

const BodyChunkSchema = defineEntity({
  name: 'BodyChunk',
  tableName: 'body_chunk',
  properties: {
    ...workspaceBound,
    bodyId: p.uuid(),
    position: p.integer(),
    content: p.uint8array(),
    coding: p.enum(CODINGS).default('identity'),
  },
  filters: workspaceFilter,
  uniques: [{ properties: ['bodyId', 'position'] }],
});

/** A piece of a body, counted from 0: `CHUNK_BYTES`, but for the last, before it was packed. */
export class BodyChunk extends BodyChunkSchema.class {}

BodyChunkSchema.setClass(BodyChunk);
