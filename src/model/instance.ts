import { defineEntity, p } from '@mikro-orm/core';
import { identified } from './workspace-bound.ts';

const InstanceSchema = defineEntity({
  name: 'Instance',
  tableName: 'instance',
  properties: {
    ...identified,
    version: p.string().length(40),
    pid: p.integer(),
    /** The key it seals with; null for one of a version that did not say. */
    keyId: p.string().length(16).nullable(),
    startedAt: p.datetime(),
    heartbeatAt: p.datetime(),
  },
});

/** One running process, so that others know whether its leases and pending exchanges are alive. */
export class Instance extends InstanceSchema.class {}

InstanceSchema.setClass(Instance);
