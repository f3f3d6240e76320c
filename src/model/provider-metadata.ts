import { defineEntity, p } from '@mikro-orm/core';
import { workspaceBound, workspaceFilter } from './workspace-bound.ts';

const ProviderMetadataSchema = defineEntity({
  name: 'ProviderMetadata',
  tableName: 'provider_metadata',
  properties: {
    ...workspaceBound,
    connectionId: p.uuid().unique(),
    issuer: p.string().length(2048),
    /** The token endpoint that the issuer names; null until it was read. */
    tokenUrl: p.string().length(2048).nullable(),
    /** One that the issuer named and an owner would not have. */
    keptTokenUrl: p.string().length(2048).nullable(),
    /** When somebody set out to read it last; moves with every reader, so that only one reads. */
    askedAt: p.datetime(),
    /** Until when what was read counts (RFC 9111, section 4.2.1). */
    freshUntil: p.datetime(),
  },
  filters: workspaceFilter,
});

/** Which token endpoint a connection's issuer names, as it was read last (RFC 8414, section 2). */
export class ProviderMetadata extends ProviderMetadataSchema.class {}

ProviderMetadataSchema.setClass(ProviderMetadata);
