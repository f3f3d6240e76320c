import { defineEntity, p } from '@mikro-orm/core';
import type { AuthSettings } from '../kernel/auth.ts';
import type { HeaderPairs } from '../kernel/headers.ts';
import { workspaceBound, workspaceFilter } from './workspace-bound.ts';

const ConnectionSchema = defineEntity({
  name: 'Connection',
  tableName: 'connection',
  properties: {
    ...workspaceBound,
    slug: p.string().length(60),
    name: p.string().length(120),
    baseUrl: p.string().length(2048),
    /** Origins besides the base URL's that the credentials may go to. */
    origins: p.json().$type<readonly string[]>(),
    headers: p.json().$type<HeaderPairs>(),
    timeoutMs: p.integer(),
    width: p.integer(),
    resendUnsafeOn401: p.boolean(),
    keepAlive: p.boolean(),
    /** More names to mask in this connection's exchanges, in lower case. */
    maskNames: p.json().$type<readonly string[]>(),
    /** Names an owner exempted from masking, in lower case. */
    unmaskNames: p.json().$type<readonly string[]>(),
    /** Certificates in PEM that its servers may be known by besides the system's; null where there are none. */
    certificateAuthorities: p.text().nullable(),
    auth: p.json().$type<AuthSettings>(),
    /** `AuthSecrets` as sealed JSON, bound to this row; null where there are none. */
    sealedSecrets: p.text().nullable().hidden().lazy(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
    /** Noted at most once a minute. */
    lastCallAt: p.datetime().nullable(),
  },
  filters: workspaceFilter,
  uniques: [{ properties: ['workspaceId', 'slug'] }],
});

/** An API we call: where it is, how calls are authorised, and what they may use. */
export class Connection extends ConnectionSchema.class {}

/** Every origin that a connection's credentials may go to, the base URL's first. */
export function boundOrigins({ baseUrl, origins }: Pick<Connection, 'baseUrl' | 'origins'>): readonly string[] {
  return [new URL(baseUrl).origin, ...origins];
}

ConnectionSchema.setClass(Connection);
