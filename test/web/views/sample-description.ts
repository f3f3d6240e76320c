import type { OpenApi } from '../../../src/web/api/openapi-reading.ts';

/** The description of an API with one of everything the page shows, and `text` wherever it has words. */
export function sampleDescription(text: string): OpenApi {
  const field = { type: 'string', description: text };
  const body = { content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } } };
  const operation = {
    operationId: 'makeThing',
    tags: ['Things'],
    summary: text,
    description: `${text}\n\nFor every \`editor\`.`,
    parameters: [{ name: 'slug', in: 'path', required: true, description: text, schema: field }],
    requestBody: body,
    responses: { 201: { description: text, ...body }, 404: { description: '`not-found`: Not found.' } },
  };
  return {
    info: { description: `${text}\n\n${text}` },
    servers: [{ url: 'http://127.0.0.1:3000' }],
    tags: [{ name: 'Things', description: text }],
    paths: { '/api/v1/things/{slug}': { post: operation } },
    components: {
      schemas: { Thing: { type: 'object', description: text, required: ['name'], properties: { name: field } } },
    },
  };
}
