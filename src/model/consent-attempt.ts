import { defineEntity, p } from '@mikro-orm/core';
import { workspaceBound, workspaceFilter } from './workspace-bound.ts';

const ConsentAttemptSchema = defineEntity({
  name: 'ConsentAttempt',
  tableName: 'consent_attempt',
  properties: {
    ...workspaceBound,
    connectionId: p.uuid(),
    signInId: p.uuid(),
    /** SHA-256 (hex) of `state`. */
    stateHash: p.string().length(64).unique(),
    sealedVerifier: p.text().hidden(),
    /** What the provider calls the request that was pushed to it (RFC 9126), and until when; null where none was. */
    sealedRequestUri: p.text().nullable().hidden(),
    requestUriUntil: p.datetime().nullable(),
    createdAt: p.datetime(),
    /** Ten minutes after it was made. */
    expiresAt: p.datetime().index(),
    usedAt: p.datetime().nullable(),
  },
  filters: workspaceFilter,
});

/** One consent on its way: from our page to the provider and back, single use. */
export class ConsentAttempt extends ConsentAttemptSchema.class {}

ConsentAttemptSchema.setClass(ConsentAttempt);
