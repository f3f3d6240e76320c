import { defineEntity, p } from '@mikro-orm/core';

const LooseBodySchema = defineEntity({
  name: 'LooseBody',
  tableName: 'loose_body',
  properties: {
    bodyId: p.uuid().primary(),
    workspaceId: p.uuid(),
  },
});

/** A body that lost an exchange, by a trigger on deletion; whether others still hold it is for the sweep to see. */
export class LooseBody extends LooseBodySchema.class {}

LooseBodySchema.setClass(LooseBody);
