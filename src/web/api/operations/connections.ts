import { z } from 'zod';
import type { ConnectionCatalogue } from '../../../services/connections/connection-catalogue.ts';
import { patchedInput } from '../../../services/connections/connection-patch.ts';
import type { ConnectionRemoval } from '../../../services/connections/connection-removal.ts';
import type { Connector } from '../../../services/connections/connector.ts';
import { operation, type Operation } from '../operation.ts';
import {
  connection,
  connectionChanges,
  connectionList,
  connectionPath,
  connectionQuery,
  newConnection,
} from '../schemas/connection.ts';
import { nextPage } from '../schemas/list.ts';

interface Parts {
  readonly connector: Connector;
  readonly removal: ConnectionRemoval;
  readonly catalogue: ConnectionCatalogue;
}

const COLLECTION = '/api/v1/connections';
const ONE = '/api/v1/connections/{slug}';
const tag = 'Connections';

const EXAMPLE = {
  partner: {
    summary: 'OAuth 2 with client credentials',
    value: {
      name: 'Partner',
      baseUrl: 'https://api.partner.example/v1',
      auth: {
        type: 'oauth2',
        grantType: 'client_credentials',
        tokenUrl: 'https://id.partner.example/token',
        clientId: 'abc',
        clientSecret: 'from the provider',
        scope: 'orders',
      },
    },
  },
};

/** Connections for programs: list, make, show, change, delete. */
export function connectionOperations({ connector, removal, catalogue }: Parts): Operation[] {
  return [
    operation({
      id: 'listConnections',
      method: 'get',
      path: COLLECTION,
      tag,
      summary: 'List connections',
      description: 'By name.',
      role: 'viewer',
      query: connectionQuery,
      replies: { 200: { description: 'A page of connections.', body: connectionList } },
      problems: [],
    }).by(async ({ query: { cursor, limit }, url }) => {
      const after = cursor ? { name: cursor[0], id: cursor[1] } : null;
      const { items, next } = await catalogue.page(after, limit);
      return { status: 200, body: { items, next: nextPage(url, next && [next.name, next.id]) } };
    }),

    operation({
      id: 'createConnection',
      method: 'post',
      path: COLLECTION,
      tag,
      summary: 'Make a connection',
      role: 'editor',
      body: { schema: newConnection, examples: EXAMPLE },
      replies: {
        201: {
          description: 'The connection that was made.',
          body: connection,
          headers: { Location: z.string().meta({ description: 'Where it is from now on.' }) },
        },
      },
      problems: [],
    }).by(async ({ actor, body }) => {
      const { slug } = await connector.create(actor, body);
      const made = await catalogue.find(slug);
      return { status: 201, body: made, headers: { Location: `${COLLECTION}/${slug}` } };
    }),

    operation({
      id: 'getConnection',
      method: 'get',
      path: ONE,
      tag,
      summary: 'Show a connection',
      role: 'viewer',
      params: connectionPath,
      replies: { 200: { description: 'The connection.', body: connection } },
      problems: ['not-found'],
    }).by(async ({ params }) => ({ status: 200, body: await catalogue.find(params.slug) })),

    operation({
      id: 'updateConnection',
      method: 'patch',
      path: ONE,
      tag,
      summary: 'Change a connection',
      description:
        'What holds secrets, and where they go, is for owners. Another host or another type of authorisation forgets ' +
        'secrets and grant, unless they come along. `conflict` means that the grant is being renewed just now.',
      role: 'editor',
      params: connectionPath,
      body: {
        schema: connectionChanges,
        mediaTypes: ['application/merge-patch+json', 'application/json'],
        examples: { width: { summary: 'Fewer calls at once', value: { width: 2 } } },
      },
      replies: { 200: { description: 'The connection as it is now.', body: connection } },
      problems: ['not-found', 'conflict'],
    }).by(async ({ actor, params, body }) => {
      const { slug } = await connector.edit(actor, params.slug, (is, usualMs) => patchedInput(is, body, usualMs));
      return { status: 200, body: await catalogue.find(slug) };
    }),

    operation({
      id: 'deleteConnection',
      method: 'delete',
      path: ONE,
      tag,
      summary: 'Delete a connection',
      description:
        'Its grant and secrets go with it; then its tokens are given back to the provider (RFC 7009), which cannot keep ' +
        'it from going. What was recorded stays, under its name, that call included.',
      role: 'owner',
      params: connectionPath,
      replies: { 204: { description: 'It is gone.' } },
      problems: ['not-found'],
    }).by(async ({ actor, params }) => {
      await removal.remove(actor, params.slug);
      return { status: 204 };
    }),
  ];
}
