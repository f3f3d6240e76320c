import { defineEntity, p } from '@mikro-orm/core';
import type { ExchangeKind } from '../kernel/exchange.ts';
import { workspaceFilter } from './workspace-bound.ts';

const TombstoneSchema = defineEntity({
  name: 'Tombstone',
  tableName: 'tombstone',
  properties: {
    exchangeId: p.uuid().primary(),
    workspaceId: p.uuid(),
    connectionName: p.string().length(120).nullable(),
    kind: p.string().length(20).$type<ExchangeKind>(),
    method: p.string().length(20),
    /** An owner's e-mail address, or the name of their API key. */
    deletedBy: p.string().length(254),
    deletedAt: p.datetime(),
  },
  filters: workspaceFilter,
});

/** Stands where an owner deleted an exchange; says who and when, and nothing of what the exchange held. */
export class Tombstone extends TombstoneSchema.class {}

TombstoneSchema.setClass(Tombstone);
