import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { harEntry, harOf } from '../support/hars.ts';
import { join } from '../support/people.ts';
import { openWorld, type World } from './api/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(async () => world[Symbol.asyncDispose]());

async function imported(har: string): Promise<{ readonly ids: readonly string[] }> {
  const headers = { 'content-type': 'application/json' };
  const reply = await world.editor.ask('POST', '/api/v1/exchanges/imports', { body: har, headers });
  expect(reply.status).toBe(201);
  return reply.json<{ ids: string[] }>();
}

describe('a page', () => {
  test('of an imported exchange says that its file did not hold the body', async () => {
    const { response } = harEntry();
    const content = { size: 1_048_576, mimeType: 'video/mp4' };
    const [id = ''] = (await imported(harOf(harEntry({ response: { ...response, content, bodySize: 1_048_576 } }))))
      .ids;
    const { text } = await world.browser.get(`/exchanges/${id}`);

    expect(text).toContain('Nothing of it is on record; 1.0 MiB went over the wire.');
    expect(text).not.toContain('eused connection');
  });

  test('takes a file without scripts, says how many came in and leads to them', async () => {
    const editor = await join(world.app, 'editor');
    const history = await editor.get('/exchanges');
    expect(history.text).toContain('href="/exchanges/import"');
    const form = await editor.get('/exchanges/import');
    expect(form.text).toContain('enctype="multipart/form-data"');

    const far = '2026-10-01T08:00:00.000Z';
    const sent = await editor.upload(
      '/exchanges/imports',
      harOf(harEntry({ startedDateTime: far }), harEntry({ startedDateTime: far })),
    );
    expect([sent.status, sent.location.split('?')[0]]).toEqual([303, '/exchanges/import']);
    const after = await editor.get(sent.location);
    expect(after.text).toContain('2 exchanges came in.');
    const link = /href="(\/exchanges\?kind=imported[^"]+)"/.exec(after.text)?.[1]?.replaceAll('&amp;', '&') ?? '';
    expect((await editor.get(link)).text).toContain('/orders?limit=2');
    expect((await editor.get('/exchanges/import?count=x')).status).toBe(200);
  });

  test('of an imported exchange says who imported it and when, and offers nothing that needs a connection', async () => {
    const [id = ''] = (await imported(harOf(harEntry()))).ids;
    const { text } = await world.browser.get(`/exchanges/${id}`);

    expect(text).toMatch(/<dt>Imported by<\/dt><dd>[^<]+, <time/);
    expect(text).not.toContain('Send again');
    expect(text).not.toContain('Open in the composer');
    expect(text).not.toContain('/connections/null');
    expect((await world.browser.get(`/exchanges/${id}/as/curl`)).text).toContain('curl');
    const replay = await world.editor.ask('POST', `/api/v1/exchanges/${id}/replays`);
    expect([replay.status, replay.problem]).toEqual([422, 'invalid-input']);
    const file = await world.browser.get(`/exchanges/${id}/response-body`);
    expect(file.headers.get('content-disposition')).toContain(`imported-${id}-response.json`);
  });

  test('of the history lists imported ones by their kind, and compares and deletes them as others', async () => {
    const { ids } = await imported(harOf(harEntry(), harEntry({ time: 99 })));
    const listed = await world.browser.get('/exchanges?kind=imported');
    expect(listed.text).toContain(`/exchanges/${ids[0]}`);
    expect((await world.browser.get(`/comparisons?exchange=${ids[0]}&exchange=${ids[1]}`)).status).toBe(200);
    const asking = await world.browser.get(`/exchanges/${ids[0]}/deletion`);
    expect(asking.text).toMatch(/Imported, 200, \d{4}-/);
    expect((await world.owner.ask('DELETE', `/api/v1/exchanges/${ids[0]}`)).status).toBe(204);
    const gone = await world.viewer.ask('GET', `/api/v1/exchanges/${ids[0]}`);
    expect([gone.status, gone.text.includes('a GET (imported);')]).toEqual([410, true]);
  });
});
