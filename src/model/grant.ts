import { defineEntity, p } from '@mikro-orm/core';
import { TOKEN_TYPES } from '../kernel/token-reply.ts';
import { workspaceBound, workspaceFilter } from './workspace-bound.ts';

/** Grant states as stored; what pages show besides (`fresh`, `due`, `expired`, `refreshing`) comes from clock and lease. */
export const GRANT_STATES = [
  'missing',
  'held',
  'ambiguous',
  'consent-needed',
  'misconfigured',
  'revoked',
  'static',
] as const;
export type GrantState = (typeof GRANT_STATES)[number];

const GrantSchema = defineEntity({
  name: 'Grant',
  tableName: 'grant',
  properties: {
    ...workspaceBound,
    connectionId: p.uuid().unique(),
    state: p.enum(GRANT_STATES),
    /** Why the state is what it is, where that needs saying: a word for programs and a sentence for people. */
    reason: p.string().length(80).nullable(),
    detail: p.text().nullable(),
    generation: p.integer(),
    /** Grows with every lease and every change by a person, so that a late writer changes nothing. */
    fence: p.integer(),
    leaseInstance: p.uuid().nullable(),
    leaseUntil: p.datetime().nullable(),
    sealedAccessToken: p.text().nullable().hidden().lazy(),
    sealedRefreshToken: p.text().nullable().hidden().lazy(),
    sealedPreviousRefreshToken: p.text().nullable().hidden().lazy(),
    /** How the access token is sent. */
    tokenType: p.enum(TOKEN_TYPES).default('bearer'),
    scope: p.text().nullable(),
    /** What was asked for when this token set was had; null where the provider was left to choose. */
    scopeAsked: p.text().nullable(),
    /** When the token set was asked for, and when its access token ends. */
    obtainedAt: p.datetime().nullable(),
    expiresAt: p.datetime().nullable(),
    refreshExpiresAt: p.datetime().nullable(),
    /** Who consented to it and when; null where nobody had to. */
    consentedBy: p.string().length(254).nullable(),
    consentedAt: p.datetime().nullable(),
    /** Tries since the last success; the back-off and the limit of three ambiguous ones follow from it. */
    failures: p.integer(),
    retryAt: p.datetime().nullable(),
    /** 401s are passed through without renewal until then, because the last renewal did not help. */
    quietUntil: p.datetime().nullable(),
    quietSeconds: p.integer(),
    /** When people were told that it needs one of them; null while it does not. */
    toldAt: p.datetime().nullable(),
    updatedAt: p.datetime(),
  },
  filters: workspaceFilter,
});

/** The token set a connection holds now. Only the keeper touches the token columns, by compare-and-set. */
export class Grant extends GrantSchema.class {}

GrantSchema.setClass(Grant);
