import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiResponseObject } from 'zod-openapi';
import type { z } from 'zod';
import { OCTETS, type Declaration, type ReplyDeclaration } from './operation.ts';
import { problemReplies } from './problem-replies.ts';
import { problem } from './schemas/problem.ts';

/** An OpenAPI document, as plain JSON. */
export type OpenApi = ReturnType<typeof createDocument>;

/** The nouns that operations are listed under, in their order. */
export interface Tag {
  readonly name: string;
  readonly description: string;
}

interface Parts {
  readonly publicUrl: string;
  readonly version: string;
  readonly tags: readonly Tag[];
}

const INTRODUCTION = [
  'What people do in the browser, programs do here: with a fresh token’s power and never its secret.',
  'Each request brings an API key as `Authorization: Bearer cbk_…`. An owner makes it on the page *Keys*.',
  'Lists are pages: follow `next` until it is null. Times are ISO 8601 in UTC, ids are UUIDv7.',
  'A refusal is a problem (RFC 9457) whose `type` ends in a code. Go by the code; it also stands in the `Callbook-Problem` header.',
].join('\n\n');

/** Describes the operations in OpenAPI 3.1, from the declarations the router obeys. */
export function describeApi(declarations: readonly Declaration[], { publicUrl, version, tags }: Parts): OpenApi {
  const byPath = Map.groupBy(declarations, ({ path }) => path);
  return createDocument(
    {
      openapi: '3.1.1',
      info: {
        title: 'Callbook',
        version,
        summary: 'Calls to token-protected HTTP APIs, each with a fresh token and on record.',
        description: INTRODUCTION,
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: publicUrl }],
      tags: tags.map((tag) => ({ ...tag })),
      security: [{ key: [] }],
      paths: Object.fromEntries(
        [...byPath].map(([path, ofPath]) => [
          path,
          Object.fromEntries(ofPath.map((one) => [one.method, described(one)])),
        ]),
      ),
      components: {
        schemas: { Problem: problem },
        securitySchemes: {
          key: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'cbk_…',
            description: 'An API key: one workspace, one role. It is shown once, when it is made.',
          },
        },
      },
    },
    { reused: 'inline' },
  );
}

function described(declared: Declaration): ZodOpenApiOperationObject {
  const { id, tag, summary, description, role, params, query, body } = declared;
  const who =
    role === null ? 'For everybody, without a key.' : `For every ${role}${role === 'owner' ? '' : ' and up'}.`;
  return {
    operationId: id,
    tags: [tag],
    summary,
    description: [description, who].filter(Boolean).join('\n\n'),
    ...(role === null && { security: [] }),
    ...((params ?? query) && { requestParams: { ...(params && { path: params }), ...(query && { query }) } }),
    ...(body && { requestBody: requestBody(body) }),
    responses: { ...replies(declared), ...problemReplies(declared) },
  };
}

function requestBody({ schema, mediaTypes = ['application/json'], examples }: NonNullable<Declaration['body']>) {
  const media = { schema, ...(examples && { examples: { ...examples } }) };
  return { required: true, content: Object.fromEntries(mediaTypes.map((type) => [type, media])) };
}

function replies({ replies: declared }: Declaration): Record<string, ZodOpenApiResponseObject> {
  const described = Object.entries(declared).map(([status, reply]) => [status, replyObject(reply)] as const);
  const isTagged = declared[200]?.headers?.ETag !== undefined;
  const unchanged = { description: 'It is as `If-None-Match` knows it.' };
  return Object.fromEntries([...described, ...(isTagged ? [['304', unchanged] as const] : [])]);
}

function replyObject({ description, body, mediaType, reads, headers }: ReplyDeclaration): ZodOpenApiResponseObject {
  const octets = { type: 'string', format: 'binary' } as const;
  const schema = body === OCTETS ? (reads ?? octets) : body;
  const type = mediaType ?? (body === OCTETS ? 'application/octet-stream' : 'application/json');
  return {
    description,
    ...(headers && { headers: headerObjects(headers) }),
    ...(schema && { content: { [type]: { schema } } }),
  };
}

function headerObjects(headers: Readonly<Record<string, z.ZodType<string>>>) {
  return Object.fromEntries(
    Object.entries(headers).map(([name, schema]) => [
      name,
      { description: schema.meta()?.description ?? name, required: true, schema: { type: 'string' as const } },
    ]),
  );
}
