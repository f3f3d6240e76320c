import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { OpenApi } from '../openapi.ts';
import { operation, type Operation } from '../operation.ts';

const openApiDocument = z
  .looseObject({
    openapi: z.string().regex(/^3\.1\.\d+$/),
    info: z.looseObject({ title: z.string(), version: z.string() }),
    paths: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'OpenApiDocument', description: 'An OpenAPI 3.1 document.' });

/** The operation that describes all operations, itself included; `document` is asked for once. */
export function descriptionOperations({ document }: { readonly document: () => OpenApi }): Operation[] {
  let made: { readonly body: z.output<typeof openApiDocument>; readonly tag: string } | undefined;

  function make() {
    const text = JSON.stringify(document());
    const tag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;
    return { body: JSON.parse(text) as z.output<typeof openApiDocument>, tag };
  }

  return [
    operation({
      id: 'describeApi',
      method: 'get',
      path: '/api/openapi.json',
      tag: 'Description',
      summary: 'Describe this API',
      description: 'This document. It holds nothing secret and needs no key.',
      role: null,
      replies: {
        200: {
          description: 'The description.',
          body: openApiDocument,
          headers: {
            ETag: z.string().meta({ description: 'Changes with the document.' }),
            'Cache-Control': z.string().meta({ description: 'May be kept, and is to be asked for again each time.' }),
          },
        },
      },
      problems: [],
    }).by(async () => {
      made ??= make();
      return { status: 200, body: made.body, headers: { ETag: made.tag, 'Cache-Control': 'no-cache' } };
    }),
  ];
}
