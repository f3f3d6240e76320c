import { defineEntity, p } from '@mikro-orm/core';
import { workspaceBound, workspaceFilter } from './workspace-bound.ts';

const ProviderMetadataSchema = defineEntity({
  name: 'ProviderMetadata',
  tableName: 'provider_metadata',
  properties: {
    ...workspaceBound,
    connectionId: p.uuid().unique(),
    issuer: p.string().length(2048),
    /** The document as it was read (RFC 8414, section 2). */
    document: p.json().$type<Readonly<Record<string, unknown>>>(),
    readAt: p.datetime(),
    freshUntil: p.datetime(),
    /** A token endpoint that the issuer names now and the connection does not use: a person decides. */
    movedTokenUrl: p.string().length(2048).nullable(),
  },
  filters: workspaceFilter,
});

/** What an issuer says of itself, as it was read last for a connection. */
export class ProviderMetadata extends ProviderMetadataSchema.class {}

ProviderMetadataSchema.setClass(ProviderMetadata);
