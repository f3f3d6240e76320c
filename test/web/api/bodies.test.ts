import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { expectedBytes } from '../../support/api-routes.ts';
import { AWKWARD_BODIES } from '../../support/awkward-bodies.ts';
import { connected, openWorld, sentCall, type World } from './world.ts';

/** Bytes kept of a body. */
const KEPT = 16 * 2 ** 20;

let world: World;
let slug: string;
beforeAll(async () => {
  world = await openWorld();
  slug = await connected(world);
});
afterAll(async () => world[Symbol.asyncDispose]());

const sent = async (json: object) => (await sentCall(world, slug, json)).id;
const body = (id: string, side: 'request' | 'response') =>
  world.viewer.ask('GET', `/api/v1/exchanges/${id}/${side}-body`);

describe('a kept body', () => {
  test('comes byte for byte, as a file that no browser runs', async () => {
    const id = await sent({
      method: 'POST',
      path: '/awkward/html',
      headers: [['Content-Type', 'text/csv; charset=latin1']],
      bodyBase64: Buffer.from([0, 255, 10, 13]).toString('base64'),
    });
    const request = await body(id, 'request');

    expect([...request.bytes]).toEqual([0, 255, 10, 13]);
    expect(Object.fromEntries(request.headers)).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': '4',
      'content-disposition': `attachment; filename="${slug}-${id}-request.csv"`,
      'content-security-policy': "sandbox; default-src 'none'",
      'x-content-type-options': 'nosniff',
    });
    const page = await world.browser.get(`/exchanges/${id}/request-body`);
    expect(page.headers.get('content-disposition')).toContain(`${slug}-${id}-request.csv`);
  });

  test.each(Object.entries(AWKWARD_BODIES))('is what the API meant: %s', async (name, { decoded }) => {
    const id = await sent({ method: 'GET', path: `/awkward/${name}` });
    expect((await body(id, 'response')).bytes.equals(decoded.subarray(0, KEPT))).toBe(true);
  });

  test('of many pieces is read piece by piece, and HEAD tells its size', async () => {
    const id = await sent({ method: 'GET', path: '/bytes?size=3000001' });
    const whole = await body(id, 'response');
    const head = await world.viewer.ask('HEAD', `/api/v1/exchanges/${id}/response-body`);

    expect(whole.bytes.equals(expectedBytes(3_000_001))).toBe(true);
    expect([head.status, head.text, head.headers.get('content-length')]).toEqual([200, '', '3000001']);
  });

  test('that is gone half-way ends the connection instead of looking whole', async () => {
    const id = await sent({ method: 'GET', path: '/bytes?size=3000002' });
    const database = new Database(world.app.databaseFile);
    database
      .prepare(
        `delete from body_chunk where position = 5
           and body_id = (select response_body_id from exchange where id = ?)`,
      )
      .run(id);
    database.close();

    await expect(body(id, 'response')).rejects.toThrow();
    expect((await world.viewer.ask('GET', '/api/v1/exchanges?limit=1')).status).toBe(200);
  });

  test.each([
    ['one bit of a packed chunk', "substr(content, 1, 99) || x'00' || substr(content, 101)", 5],
    ['one letter of a plain one', `cast('Y' as blob) || substr(content, 2)`, 0],
  ])('that decayed is not given out as whole: %s', async (_what, content, position) => {
    const path = position === 0 ? '/json' : '/bytes?size=3000003';
    const id = await sent({ method: 'POST', path, body: 'X for a letter' });
    const side = position === 0 ? 'request' : 'response';
    const database = new Database(world.app.databaseFile);
    const { changes } = database
      .prepare(
        `update body_chunk set content = ${content} where position = ${position}
           and body_id = (select ${side}_body_id from exchange where id = ?)`,
      )
      .run(id);
    database.close();

    expect(changes).toBe(1);
    await expect(body(id, side)).rejects.toThrow();
    expect((await world.viewer.ask('GET', `/api/v1/exchanges/${id}`)).status).toBe(200);
  });

  test('of no bytes is empty, and where there was none is not found', async () => {
    const id = await sent({ method: 'GET', path: '/status/204' });

    const empty = await body(id, 'response');
    expect([empty.status, empty.bytes.length]).toEqual([200, 0]);
    expect((await body(id, 'request')).problem).toBe('not-found');
  });
});
