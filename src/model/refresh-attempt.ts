import { defineEntity, p } from '@mikro-orm/core';
import { workspaceBound, workspaceFilter } from './workspace-bound.ts';

/** `intent` is written before the call; `unknown` is an attempt whose answer nobody has. */
export const ATTEMPT_STATES = ['intent', 'done', 'failed', 'unknown'] as const;
export type AttemptState = (typeof ATTEMPT_STATES)[number];

const RefreshAttemptSchema = defineEntity({
  name: 'RefreshAttempt',
  tableName: 'refresh_attempt',
  properties: {
    ...workspaceBound,
    connectionId: p.uuid(),
    grantId: p.uuid(),
    instanceId: p.uuid(),
    exchangeId: p.uuid(),
    /** The generation it set out from, and the fence it flew under. */
    generation: p.integer(),
    fence: p.integer(),
    /** Keyed fingerprint of the refresh token it spends; null where none is. */
    fingerprint: p.string().length(64).nullable(),
    state: p.enum(ATTEMPT_STATES),
    outcome: p.string().length(40).nullable(),
    reason: p.string().length(80).nullable(),
    detail: p.text().nullable(),
    /** Tokens that came after the grant had moved on: sealed JSON, kept for a person. */
    sealedTokens: p.text().nullable().hidden().lazy(),
    leaseUntil: p.datetime(),
    startedAt: p.datetime(),
    endedAt: p.datetime().nullable(),
  },
  filters: workspaceFilter,
  indexes: [{ properties: ['connectionId', 'startedAt'] }, { properties: ['state', 'leaseUntil'] }],
});

/** One try to get a new token set. */
export class RefreshAttempt extends RefreshAttemptSchema.class {}

RefreshAttemptSchema.setClass(RefreshAttempt);
