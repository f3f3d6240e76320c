import { defineEntity, p } from '@mikro-orm/core';

const MetaSchema = defineEntity({
  name: 'Meta',
  tableName: 'meta',
  properties: {
    /** `key-check:<kid>`, `boot-epoch`, `csrf` … */
    key: p.string().length(80).primary(),
    value: p.text(),
  },
});

/** Facts about the database itself. */
export class Meta extends MetaSchema.class {}

MetaSchema.setClass(Meta);
