import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { withSystem } from '../../src/db/system.ts';
import { databaseSize } from '../../src/db/queries/record-sizes.ts';
import { LooseBodies } from '../../src/services/exchanges/loose-bodies.ts';
import { type Api, openApi } from '../support/api.ts';
import { openApp, type TestApp } from '../support/app.ts';
import type { Client } from '../support/client.ts';
import { hold } from '../support/faults.ts';
import { harEntry, harOf } from '../support/hars.ts';
import { rowsOf } from '../support/kept-exchanges.ts';
import { join } from '../support/people.ts';
import { checkpoint, filesOf, found, valuesOf } from '../support/residue.ts';

const PLAIN = { provider: { origin: 'http://127.0.0.1:9', clientId: '', clientSecret: '' }, authType: 'none' };
const DAY_MS = 24 * 60 * 60_000;

let api: Api;
let app: TestApp;
let owner: Client;
let slug: string;
beforeAll(async () => {
  api = await openApi();
  app = await openApp({ RETENTION_DAYS: '90', RETENTION_BYTES: '1 MiB' });
  owner = await app.owner();
  slug = await owner.connect({ ...PLAIN, apiOrigin: api.origin });
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await api[Symbol.asyncDispose]();
});

const call = (body = '', path = '/orders') => owner.call(slug, 'POST', path, { body });
const remove = (id: string) => owner.post(`/exchanges/${id}/deletion`, {});
const rows = (sql: string) => rowsOf(app.databaseFile, sql);
const ids = () => rows('select id from exchange').map(({ id }) => id);
const bodyOf = (id: string) => owner.get(`/exchanges/${id}/request-body`);

/** Exchanges whose body is not there, and bodies that nobody holds. */
function astray() {
  return {
    exchanges: rows(`select id from exchange where
      (request_body_id is not null and not exists (select 1 from body_chunk where body_id = request_body_id)) or
      (response_body_id is not null and not exists (select 1 from body_chunk where body_id = response_body_id))`),
    bodies: rows(`select id from body where not exists
      (select 1 from exchange where body.id in (request_body_id, response_body_id))`),
  };
}

/** What the statistic says, and what is there. */
function sizes() {
  const told = rows('select sum(exchanges) as e, sum(bodies) as b, sum(body_bytes) as n from record_size')[0];
  const there = rows(`select (select count(*) from exchange) as e, (select count(*) from body) as b,
    (select coalesce(sum(length(content)), 0) from body_chunk) as n`)[0];
  return { told, there };
}

describe('an exchange that an owner deletes', () => {
  test('is gone with its bodies, and its address says who did it and when', async () => {
    const id = await call('A very private sentence', '/echo?who=very-private&of=zephyrantes');
    await app.running.workings.indexer.catchUp();
    checkpoint(app.databaseFile);
    const there = found({ word: ['zephyrantes'] }, await filesOf(app.folder, []));
    expect(there).toContain('word in callbook.db');
    await owner.post(`/exchanges/${id}/pin`, { note: 'A very private note' });
    const asked = await owner.get(`/exchanges/${id}/deletion`);
    expect(asked.text).toContain('It is pinned');
    expect(asked.text).toMatch(/Partner, \d{3}, 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC/);

    const removed = await remove(id);
    expect(removed).toMatchObject({ status: 303, location: '/exchanges?deleted=one' });
    const history = await owner.get(removed.location);
    expect(history.text).toContain('<p class="flash" role="status">The exchange is deleted.</p>');
    expect((await owner.get('/exchanges?deleted=two')).text).not.toContain('class="flash"');

    const page = await owner.get(`/exchanges/${id}`);
    expect(page.status).toBe(410);
    expect(page.text).toMatch(
      /owner@example\.org deleted this exchange on \d{4}-\d\d-\d\d \d\d:\d\d UTC\. It was a POST of Partner; what it held/,
    );
    expect(page.text).toContain('<a class="button" href="/exchanges">Go to the history</a>');
    expect((await owner.get(`/exchanges/${id}/request-body`)).status).toBe(410);
    expect((await owner.get(`/exchanges/${id}/har`)).status).toBe(410);
    expect((await remove(id)).status).toBe(410);
    const words = { private: ['ery private', 'very-private', 'sentence', 'zephyrantes'] };
    expect(found(words, valuesOf(app.databaseFile))).toEqual([]);
    checkpoint(app.databaseFile);
    expect(found(words, await filesOf(app.folder, []))).toEqual([]);
    expect(rows(`select * from pin where exchange_id = '${id}'`)).toEqual([]);
    expect(astray()).toEqual({ exchanges: [], bodies: [] });
    expect(sizes().told).toEqual(sizes().there);
  });

  test('leaves a body that another exchange holds too, and takes it with the last one', async () => {
    const text = 'Said twice, kept once';
    const [first, second] = [await call(text), await call(text)];
    await remove(first);
    expect((await bodyOf(second)).text).toBe(text);
    await remove(second);
    expect(found({ text: [text] }, valuesOf(app.databaseFile))).toEqual([]);
  });

  test('of many pieces goes piece by piece', async () => {
    const id = await owner.call(slug, 'GET', `/bytes?size=${5 * 2 ** 20}`);
    await remove(id);
    expect(rows(`select count(*) as n from body where bytes > 300000`)).toEqual([{ n: 0 }]);
    expect(rows('select * from loose_body')).toEqual([]);
    expect(sizes().told).toEqual(sizes().there);
  });

  test('has to have come to its end', async () => {
    const held = hold('answer');
    api.next(held.fault);
    const sent = call();
    await held.reached;
    const [{ id } = {}] = rows(`select id from exchange where outcome = 'pending'`);
    const refused = await remove(String(id));
    held.release();

    expect(refused.status).toBe(409);
    expect(refused.text).toContain('still on its way');
    expect(await sent).toBe(id);
    expect((await remove(String(id))).status).toBe(303);
  });

  test('is out of reach from another workspace, and so is its tombstone', async () => {
    const [there, gone] = [await call(), await call()];
    await remove(gone);
    const stranger = await join(app, 'owner', 'elsewhere');
    expect((await stranger.post(`/exchanges/${there}/deletion`, {})).status).toBe(404);
    expect((await stranger.get(`/exchanges/${gone}`)).status).toBe(404);
    expect(ids()).toContain(there);
  });
});

describe('a selection that an owner deletes', () => {
  test('is what matches and was there when it was asked for; it says how many are pinned', async () => {
    const [kept, pinned] = [await call(), await owner.call(slug, 'PUT', '/orders')];
    await owner.call(slug, 'PUT', '/orders');
    await owner.post(`/exchanges/${pinned}/pin`, { note: '' });
    const asking = await owner.get('/exchanges/deletion?method=PUT');
    expect(asking.text).toContain('Delete 2 exchanges?');
    expect(asking.text).toContain('1 of them is pinned');
    const asked = /name="asked" value="([^"]+)"/.exec(asking.text)?.[1] ?? '';
    app.clock.advance(1);
    const later = await owner.call(slug, 'PUT', '/orders');

    const { text } = await owner.post('/exchanges/deletion', { method: 'PUT', asked });

    expect(text).toContain('<h1>Deleted</h1>');
    expect(text).toContain('2 exchanges are deleted.');
    expect(text).toContain('There are no exchanges left that match method PUT.');
    expect(ids()).toEqual(expect.arrayContaining([kept, later]));
    expect(rows(`select id from exchange where method = 'PUT'`)).toEqual([{ id: later }]);
    expect((await owner.get(`/exchanges/${pinned}`)).status).toBe(410);
  });
});

describe('everything, deleted by an owner', () => {
  /** Sends the form of the page that asks until it asks no more; gives its last page. */
  async function goThrough(query: string): Promise<string> {
    let { text } = await owner.get(`/exchanges/deletion${query}`);
    for (let turn = 0; turn < 3 && text.includes('<button class="danger"'); turn += 1) {
      const fields = [...text.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)];
      ({ text } = await owner.post(
        '/exchanges/deletion',
        Object.fromEntries(fields.map(([, name, value]) => [name!, value!])),
      ));
    }
    return text;
  }

  test('is what was on record, whenever it began, and no call that is still on its way', async () => {
    await call();
    const far = harOf(harEntry({ startedDateTime: '2130-01-01T00:00:00.000Z' }));
    expect((await owner.upload('/exchanges/imports', far)).status).toBe(303);
    const held = hold('answer');
    api.next(held.fault);
    const sent = call();
    await held.reached;
    const [{ n } = {}] = rows(`select count(*) as n from exchange where outcome <> 'pending'`);
    app.clock.advance(1);
    const asked = await owner.get('/exchanges/deletion');
    expect(asked.text).toContain(`Delete ${String(n)} exchanges?`);
    expect(asked.text).toContain('1 exchange is still on its way, and stays.');

    const text = await goThrough('');

    expect(text).toContain('<h1>Deleted</h1>');
    expect(text).toContain('There are no exchanges left of this workspace that have come to their end.');
    expect(rows('select outcome from exchange')).toEqual([{ outcome: 'pending' }]);
    const pending = await goThrough('?outcome=pending');
    expect(pending).toContain('<h1>Nothing to delete</h1>');
    expect(pending).toContain('1 exchange is still on its way, and stays.');
    held.release();
    await sent;
  });
});

describe('retention', () => {
  test('takes what is too old, with its bodies, and leaves what is pinned or pending', async () => {
    const [old, pinned] = [await call('Too old by now'), await call('Old and pinned')];
    await owner.post(`/exchanges/${pinned}/pin`, { note: 'Keep' });
    const held = hold('answer');
    api.next(held.fault);
    const sent = call();
    await held.reached;
    app.clock.advance(90 * DAY_MS + 60_000);
    owner = await app.owner();
    const young = await call('Young');

    await app.running.workings.pruning.prune();

    expect(ids()).toEqual(expect.arrayContaining([pinned, young]));
    expect(ids()).not.toContain(old);
    expect(rows(`select outcome from exchange where outcome = 'pending'`)).toHaveLength(1);
    expect((await owner.get(`/exchanges/${old}`)).status).toBe(404);
    expect((await bodyOf(pinned)).text).toBe('Old and pinned');
    expect(found({ old: ['Too old by now'] }, valuesOf(app.databaseFile))).toEqual([]);
    held.release();
    await sent;
  });

  test('counts what is stored: bodies that pack well are no reason to take any', async () => {
    const made: string[] = [];
    for (let at = 0; at < 8; at += 1) made.push(await owner.call(slug, 'GET', `/bytes?size=${200_000 + at}`));
    app.clock.advance(60_000);

    await app.running.workings.pruning.prune();

    expect(ids()).toEqual(expect.arrayContaining(made));
    expect(sizes().told).toEqual(sizes().there);
    expect((await owner.get('/')).text).toMatch(/with [\d.]+ KiB of bodies/);
  });

  test('takes the oldest until the rest fits, and no more than that', async () => {
    const made: string[] = [];
    for (let at = 0; at < 8; at += 1) made.push(await call(randomBytes(150_000).toString('base64')));
    app.clock.advance(60_000);

    await app.running.workings.pruning.prune();

    const left = made.filter((id) => ids().includes(id));
    expect(left.length).toBeGreaterThan(0);
    expect(left.length).toBeLessThan(8);
    expect(left).toEqual(made.slice(-left.length));
    const { bytes, freeBytes } = await withSystem(databaseSize);
    expect(bytes - freeBytes).toBeLessThanOrEqual(2 ** 20);
    expect(astray()).toEqual({ exchanges: [], bodies: [] });
    expect(sizes().told).toEqual(sizes().there);
  });

  test('is the work of one process at a time', async () => {
    app.clock.advance(60_000);
    const { pruning } = app.running.workings;
    await call('x');
    app.clock.advance(91 * DAY_MS);
    const [one, other] = await Promise.all([pruning.prune(), pruning.prune()]);
    expect([one.exchanges > 0, other.exchanges > 0].toSorted()).toEqual([false, true]);
  });
});

describe('a body that comes again in the moment it is swept', () => {
  test('is there for the exchange that holds it, whoever is first', async () => {
    owner = await app.owner();
    const loose = new LooseBodies();
    for (let round = 0; round < 12; round += 1) {
      const text = `Comes again ${round}`;
      const first = await call(text);
      const [, second] = await Promise.all([remove(first), call(text), loose.sweep(), loose.sweep()]);
      expect((await bodyOf(second)).text).toBe(text);
    }
    expect(astray().exchanges).toEqual([]);
  });

  test('large ones as well: what is half taken away is not found by its content', async () => {
    const path = `/bytes?size=${3 * 2 ** 20}`;
    for (let round = 0; round < 4; round += 1) {
      const first = await owner.call(slug, 'GET', path);
      const [, second] = await Promise.all([remove(first), owner.call(slug, 'GET', path)]);
      expect(astray().exchanges).toEqual([]);
      expect((await owner.get(`/exchanges/${second}/response-body`)).headers.get('content-length')).toBe(
        String(3 * 2 ** 20),
      );
      await remove(second);
    }
  });
});
