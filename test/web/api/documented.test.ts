import { describe, expect, test } from '@jest/globals';
import { DescribedReplies } from '../../support/openapi.ts';
import { showConnections } from './shown/connections.ts';
import { showEverywhere } from './shown/everywhere.ts';
import { showExchanges } from './shown/exchanges.ts';
import { showGrants } from './shown/grant.ts';
import { openWorld } from './world.ts';

/** What is described and cannot be shown here, and why. */
const NOT_HERE = [
  // A neighbour's lease is waited out for 20 seconds: see test/services/grants/neighbours.test.ts.
  'createRenewal 503 refreshing',
  'createExchange 503 refreshing',
  'createReplay 503 refreshing',
  // 256 calls have to wait for a place: see test/outbound/call-gate.test.ts.
  'createExchange 503 queue-full',
  'createReplay 503 queue-full',
  // Large files are counted as large calls are: see test/attacks/crowded-bodies.test.ts.
  'importHar 503 queue-full',
];

describe('the JSON API and its description', () => {
  test('agree: what is answered is described, and what is described is answered', async () => {
    await using world = await openWorld();

    await showConnections(world);
    await showGrants(world);
    await showExchanges(world);
    await showEverywhere(world);

    expect(world.described.unseen().toSorted()).toEqual(NOT_HERE.toSorted());
  });
});

describe('a reply', () => {
  const described = () =>
    new DescribedReplies({
      paths: {
        '/things/{id}': {
          get: {
            operationId: 'getThing',
            responses: {
              200: {
                headers: { ETag: { required: true, schema: { type: 'string' } } },
                content: {
                  'application/json': {
                    schema: { type: 'object', properties: { id: { type: 'string' } }, additionalProperties: false },
                  },
                },
              },
              404: { $ref: '#/components/responses/not-found' },
            },
          },
        },
      },
      components: {
        responses: {
          'not-found': { headers: { 'Callbook-Problem': { required: true, schema: { enum: ['not-found'] } } } },
        },
      },
    });
  const json = { 'content-type': 'application/json', etag: '"1"' };
  const reply = (status: number, text: string, headers: Record<string, string> = json) => ({
    status,
    text,
    headers: new Headers(headers),
  });

  test('is noted where it is as described', () => {
    const replies = described();

    replies.note('GET', '/things/1?x=1', reply(200, '{"id":"1"}'));

    expect(replies.unseen()).toEqual(['getThing 404 not-found']);
  });

  test.each([
    ['a status that is not described', 'GET', '/things/1', reply(201, '{"id":"1"}')],
    ['a path that is not described', 'GET', '/others/1', reply(200, '{"id":"1"}')],
    ['a method that is not described', 'POST', '/things/1', reply(200, '{"id":"1"}')],
    ['a field that is not described', 'GET', '/things/1', reply(200, '{"id":"1","secret":"x"}')],
    ['a field of another type', 'GET', '/things/1', reply(200, '{"id":1}')],
    ['another type of body', 'GET', '/things/1', reply(200, '{"id":"1"}', { ...json, 'content-type': 'text/html' })],
    [
      'no header that is described',
      'GET',
      '/things/1',
      reply(200, '{"id":"1"}', { 'content-type': json['content-type'] }),
    ],
    ['a problem of another code', 'GET', '/things/1', reply(404, '', { 'callbook-problem': 'conflict' })],
    ['a body where none is described', 'GET', '/things/1', reply(404, 'x', { 'callbook-problem': 'not-found' })],
  ])('is refused with %s', (_what, method, url, seen) => {
    expect(() => described().note(method, url, seen)).toThrow();
  });
});
