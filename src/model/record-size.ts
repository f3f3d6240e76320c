import { defineEntity, p } from '@mikro-orm/core';

const RecordSizeSchema = defineEntity({
  name: 'RecordSize',
  tableName: 'record_size',
  properties: {
    workspaceId: p.uuid().primary(),
    exchanges: p.integer(),
    bodies: p.integer(),
    /** As they are stored, packed. */
    bodyBytes: p.bigint('number'),
  },
});

/** How much a workspace has on record, kept right by triggers: nobody counts a big table. */
export class RecordSize extends RecordSizeSchema.class {}

RecordSizeSchema.setClass(RecordSize);
