import { defineEntity, p } from '@mikro-orm/core';
import { workspaceBound, workspaceFilter } from './workspace-bound.ts';

/** `pending` until the provider says yes, no, or that it took too long; `failed` when it could not be asked any more. */
export const DEVICE_STATES = ['pending', 'granted', 'refused', 'expired', 'failed', 'cancelled'] as const;
export type DeviceState = (typeof DEVICE_STATES)[number];

const DeviceAttemptSchema = defineEntity({
  name: 'DeviceAttempt',
  tableName: 'device_attempt',
  properties: {
    ...workspaceBound,
    connectionId: p.uuid(),
    state: p.enum(DEVICE_STATES),
    /** Why it ended as it did, or what the last poll ran into: a word for programs and a sentence for people. */
    reason: p.string().length(80).nullable(),
    detail: p.text().nullable(),
    sealedDeviceCode: p.text().nullable().hidden(),
    /** What the person types, and the address that holds it already: sealed, for whoever has them can consent. */
    sealedUserCode: p.text().nullable().hidden(),
    sealedCompleteUri: p.text().nullable().hidden(),
    verificationUri: p.string().length(2048),
    intervalSeconds: p.integer(),
    /** How often the provider was asked; polls that said nothing but "not yet" are kept as this number only. */
    polls: p.integer(),
    /** When the provider may be asked next; moved ahead by whoever asks, so that one process asks at a time. */
    nextPollAt: p.datetime(),
    startedBy: p.string().length(254),
    createdAt: p.datetime(),
    expiresAt: p.datetime(),
    endedAt: p.datetime().nullable(),
  },
  filters: workspaceFilter,
  indexes: [{ properties: ['state', 'nextPollAt'] }, { properties: ['connectionId', 'createdAt'] }],
});

/** One consent given on another device (RFC 8628), on its way. */
export class DeviceAttempt extends DeviceAttemptSchema.class {}

DeviceAttemptSchema.setClass(DeviceAttempt);
