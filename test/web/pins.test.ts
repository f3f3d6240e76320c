import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { LONGEST_NOTE } from '../../src/model/pin.ts';
import { type Api, openApi } from '../support/api.ts';
import { openApp, type TestApp } from '../support/app.ts';
import type { Client } from '../support/client.ts';
import { rowsOf } from '../support/kept-exchanges.ts';
import { newKey } from '../support/keys.ts';
import { join } from '../support/people.ts';
import { Program, withKey } from '../support/program.ts';

const PLAIN = { provider: { origin: 'http://127.0.0.1:9', clientId: '', clientSecret: '' }, authType: 'none' };

let api: Api;
let app: TestApp;
let owner: Client;
let program: Program;
let slug: string;
beforeAll(async () => {
  api = await openApi();
  app = await openApp();
  owner = await app.owner();
  program = new Program(app.url, withKey(await newKey(owner, 'editor')));
  slug = await owner.connect({ ...PLAIN, apiOrigin: api.origin });
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await api[Symbol.asyncDispose]();
});

const call = () => owner.call(slug, 'POST', '/orders');
const pinOf = (id: string) => `/api/v1/exchanges/${id}/pin`;
const rowOf = (id: string) => rowsOf(app.databaseFile, `select * from exchange where id = '${id}'`);

async function listed(query: string): Promise<string[]> {
  const { items } = (await program.ask('GET', `/api/v1/exchanges?${query}`)).json<{ items: { id: string }[] }>();
  return items.map(({ id }) => id);
}

describe('a pin', () => {
  test('stands beside the exchange with its note, who and when, and the exchange stays as it is', async () => {
    const id = await call();
    const before = rowOf(id);

    const reply = await owner.post(`/exchanges/${id}/pin`, { note: '  The partner asked <about> this one. ' });

    expect(reply).toMatchObject({ status: 303, location: `/exchanges/${id}` });
    const { text } = await owner.get(`/exchanges/${id}`);
    expect(text).toContain('<q>The partner asked &lt;about&gt; this one.</q>');
    expect(text).toContain('by owner@example.org');
    expect((await program.ask('GET', pinOf(id))).json()).toEqual({
      note: 'The partner asked <about> this one.',
      pinnedBy: 'owner@example.org',
      pinnedAt: expect.any(String),
    });
    expect(rowOf(id)).toEqual(before);
  });

  test('is one however often it is set, and the last note stands', async () => {
    const id = await call();
    await Promise.all(['a', 'b', 'c'].map((note) => program.ask('PUT', pinOf(id), { json: { note } })));
    await program.ask('PUT', pinOf(id), { json: {} });

    expect(rowsOf(app.databaseFile, `select note from pin where exchange_id = '${id}'`)).toEqual([{ note: '' }]);
  });

  test('is marked in the history, and found by a filter of the page and of the API', async () => {
    const [pinned, other] = [await call(), await call()];
    await owner.post(`/exchanges/${pinned}/pin`, { note: 'Findable' });

    expect((await owner.get('/exchanges')).text).toContain('title="Pinned: Findable"');
    const page = (await owner.get(`/exchanges?pinned=true&connection=${slug}&method=POST`)).text;
    expect([page.includes(pinned), page.includes(other)]).toEqual([true, false]);
    const [yes, no] = [await listed('pinned=true'), await listed('pinned=false&limit=100')];
    expect([yes.includes(pinned), yes.includes(other)]).toEqual([true, false]);
    expect([no.includes(pinned), no.includes(other)]).toEqual([false, true]);
    expect(yes).toEqual(yes.toSorted().toReversed());
    expect((await owner.get('/exchanges?pinned=maybe')).status).toBe(422);
  });

  test('is taken away by the page and by a program, also where there is none', async () => {
    const id = await call();
    await program.ask('PUT', pinOf(id), { json: { note: 'x' } });
    expect((await owner.post(`/exchanges/${id}/pin/deletion`, {})).status).toBe(303);
    expect((await program.ask('GET', pinOf(id))).status).toBe(404);
    expect((await program.ask('DELETE', pinOf(id))).status).toBe(204);
    expect((await owner.get(`/exchanges/${id}`)).text).toContain('Pin this exchange');
  });

  test('with too long a note is asked for again, with what was typed and what is wrong beside it', async () => {
    const id = await call();
    const note = `${'n'.repeat(LONGEST_NOTE)} <end>`;
    const typed = `${'n'.repeat(LONGEST_NOTE)} &lt;end&gt;`;

    const { status, text } = await owner.post(`/exchanges/${id}/pin`, { note });

    expect(status).toBe(422);
    expect(text).toContain('<details class="pin-form" open>');
    expect(text).toContain(`value="${typed}" aria-invalid="true" aria-describedby="pin-note-error">`);
    expect(text).toContain(
      `<p class="field-error" id="pin-note-error">At most ${LONGEST_NOTE} characters fit here.</p>`,
    );
    expect(text).not.toContain('class="tag pinned"');
    expect((await program.ask('GET', pinOf(id))).status).toBe(404);
    const gone = await owner.post('/exchanges/018f0000-0000-7000-8000-000000000000/pin', { note });
    expect(gone.status).toBe(404);
  });

  test('keeps its note where another one was not taken', async () => {
    const id = await call();
    await owner.post(`/exchanges/${id}/pin`, { note: 'It stands' });
    const { text } = await owner.post(`/exchanges/${id}/pin`, { note: 'x'.repeat(LONGEST_NOTE + 1) });
    expect(text).toContain('<q>It stands</q>');
    expect(text).toContain(`value="${'x'.repeat(LONGEST_NOTE + 1)}"`);
  });

  test.each([
    ['too long a note', { note: 'x'.repeat(LONGEST_NOTE + 1) }],
    ['a note that is no text', { note: 7 }],
    ['another field', { note: 'x', colour: 'red' }],
  ])('with %s is refused', async (_what, json) => {
    const id = await call();
    expect((await program.ask('PUT', pinOf(id), { json })).status).toBe(422);
    expect((await program.ask('GET', pinOf(id))).status).toBe(404);
  });

  test('belongs to its workspace', async () => {
    const id = await call();
    await owner.post(`/exchanges/${id}/pin`, { note: 'Ours' });
    const stranger = await join(app, 'owner', 'elsewhere');

    expect((await stranger.post(`/exchanges/${id}/pin`, { note: 'Theirs' })).status).toBe(404);
    expect((await stranger.post(`/exchanges/${id}/pin/deletion`, {})).status).toBe(404);
    expect((await stranger.get('/exchanges?pinned=true')).text).not.toContain(id);
    expect((await program.ask('GET', pinOf(id))).json()).toMatchObject({ note: 'Ours' });
  });
});
