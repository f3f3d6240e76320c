import { defineEntity, p } from '@mikro-orm/core';

const RateLimitSchema = defineEntity({
  name: 'RateLimit',
  tableName: 'rate_limit',
  properties: {
    /** What is counted, such as `sign-in:account:…`; addresses and accounts stand here as keyed hashes. */
    key: p.string().length(160).primary(),
    count: p.integer(),
    windowEndsAt: p.datetime().index(),
  },
});

/** Failures counted in a window of time, shared by all processes. */
export class RateLimit extends RateLimitSchema.class {}

RateLimitSchema.setClass(RateLimit);
