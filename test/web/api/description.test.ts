import { describe, expect, test } from '@jest/globals';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { openApp } from '../../support/app.ts';

interface Document {
  paths: Record<string, Record<string, { operationId?: string; responses: Record<string, unknown> }>>;
  [more: string]: unknown;
}

/** What a well-kept linter has against a document, by rule; warnings count. */
async function faultsOf(document: Document): Promise<string[]> {
  const config = await createConfig({ extends: ['recommended'] });
  const problems = await lintFromString({ source: JSON.stringify(document), config });
  return problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} ${location[0]?.pointer ?? ''}`);
}

describe('the description of the API', () => {
  test('is for everybody, and is not sent again to whoever has it', async () => {
    await using app = await openApp();
    const client = app.client();

    const first = await client.get('/api/openapi.json');
    const again = await client.get('/api/openapi.json', { 'if-none-match': first.headers.get('etag') ?? '' });

    expect(first.status).toBe(200);
    expect(first.headers.get('content-type')).toMatch(/^application\/json/);
    expect(first.json()).toMatchObject({ openapi: '3.1.1', servers: [{ url: app.url }] });
    expect([again.status, again.text]).toEqual([304, '']);
  });

  test('gives a linter nothing to say', async () => {
    await using app = await openApp();
    const document = (await app.client().get('/api/openapi.json')).json<Document>();

    expect(await faultsOf(document)).toEqual([]);
  });

  test.each([
    ['an operation without an id', 'operation-operationId', (one: Document) => delete listing(one).operationId],
    ['an operation that nothing can be wrong with', 'operation-4xx-response', without4xx],
    ['a reference to nothing', 'no-unresolved-refs', (one: Document) => (listing(one).responses['200'] = NOWHERE)],
    ['a path parameter that is not declared', 'path-parameters-defined', renamed],
  ])('is refused by the linter with %s', async (_what, rule, spoil) => {
    await using app = await openApp();
    const document = (await app.client().get('/api/openapi.json')).json<Document>();
    spoil(document);

    expect(await faultsOf(document)).toContainEqual(expect.stringContaining(`${rule}:`));
  });
});

const NOWHERE = { $ref: '#/components/responses/nowhere' };

function listing(document: Document) {
  const found = document.paths['/api/v1/connections']?.get;
  if (!found) throw new Error('The list of connections is not described.');
  return found;
}

function without4xx(document: Document): void {
  const { responses } = listing(document);
  for (const status of Object.keys(responses)) if (status.startsWith('4')) delete responses[status];
}

function renamed(document: Document): void {
  document.paths['/api/v1/things/{id}'] = { get: listing(document) };
}
