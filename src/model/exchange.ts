import { defineEntity, p } from '@mikro-orm/core';
import { EXCHANGE_KINDS, EXCHANGE_OUTCOMES, type FailureReason, type Hop, type Timings } from '../kernel/exchange.ts';
import type { HeaderPairs } from '../kernel/headers.ts';
import { workspaceBound, workspaceFilter } from './workspace-bound.ts';

/**
 * What is known of a kept request body; size and SHA-256 (hex) are of the masked bytes. `wireBytes` and `wireSha256`, of
 * all that was sent, are there where not all of it is kept; `wireSha256` is left out where something was masked.
 */
export interface RequestBodyFacts {
  readonly bytes: number;
  readonly sha256: string;
  readonly truncated: boolean;
  readonly wireBytes?: number;
  readonly wireSha256?: string;
}

/** What is known of a kept answer's body; `wireSha256` is left out where something was masked. */
export interface ResponseBodyFacts extends RequestBodyFacts {
  readonly wireBytes: number;
}

const ExchangeSchema = defineEntity({
  name: 'Exchange',
  tableName: 'exchange',
  properties: {
    ...workspaceBound,
    kind: p.enum(EXCHANGE_KINDS),
    /** No foreign key: exchanges outlive their connection, under its name. Null for imported ones, which never had any. */
    connectionId: p.uuid().nullable(),
    connectionSlug: p.string().length(60).nullable(),
    connectionName: p.string().length(120).nullable(),
    generation: p.integer(),
    method: p.string().length(20),
    url: p.text(),
    requestHeaders: p.json().$type<HeaderPairs>(),
    requestBody: p.json().$type<RequestBodyFacts>().nullable(),
    requestBodyId: p.uuid().nullable(),
    outcome: p.enum(EXCHANGE_OUTCOMES),
    reason: p.string().length(40).$type<FailureReason>().nullable(),
    detail: p.text().nullable(),
    status: p.integer().nullable(),
    responseHeaders: p.json().$type<HeaderPairs>().nullable(),
    responseBody: p.json().$type<ResponseBodyFacts>().nullable(),
    responseBodyId: p.uuid().nullable(),
    timings: p.json().$type<Timings>().nullable(),
    hops: p.json().$type<readonly Hop[]>(),
    attempts: p.integer(),
    /** A person's e-mail address, an API key's name, or null for the background. */
    sentBy: p.string().length(254).nullable(),
    instanceId: p.uuid(),
    startedAt: p.datetime(),
    finishedAt: p.datetime().nullable(),
  },
  filters: workspaceFilter,
  indexes: [
    { properties: ['workspaceId', 'startedAt', 'id'] },
    { properties: ['workspaceId', 'connectionId', 'startedAt', 'id'] },
    {
      name: 'exchange_connection_slug_index',
      properties: ['workspaceId', 'connectionSlug', 'connectionId', 'startedAt', 'id'],
    },
    { properties: ['outcome', 'instanceId'] },
    { properties: ['requestBodyId'] },
    { properties: ['responseBodyId'] },
  ],
});

/** One call as it happened. Never edited once settled. */
export class Exchange extends ExchangeSchema.class {
  isSettled(): boolean {
    return this.outcome !== 'pending';
  }
}

ExchangeSchema.setClass(Exchange);
