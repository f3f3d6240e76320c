import { defineEntity, p } from '@mikro-orm/core';
import { workspaceFilter } from './workspace-bound.ts';

/** The longest note on a pin. */
export const LONGEST_NOTE = 500;

const PinSchema = defineEntity({
  name: 'Pin',
  tableName: 'pin',
  properties: {
    /** An exchange has one pin at most. */
    exchangeId: p.uuid().primary(),
    workspaceId: p.uuid(),
    note: p.string().length(LONGEST_NOTE),
    /** A person's e-mail address, or an API key's name. */
    pinnedBy: p.string().length(254),
    pinnedAt: p.datetime(),
  },
  filters: workspaceFilter,
  indexes: [{ properties: ['workspaceId'] }],
});

/** Keeps an exchange from retention, and says why. A row beside it: the exchange itself is never edited. */
export class Pin extends PinSchema.class {}

PinSchema.setClass(Pin);
