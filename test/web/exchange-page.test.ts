import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openApi, type Api } from '../support/api.ts';
import { openApp, OWNER, type TestApp } from '../support/app.ts';
import type { Client } from '../support/client.ts';
import { openProvider, type Provider } from '../support/provider.ts';

let provider: Provider;
let api: Api;
let app: TestApp;
let owner: Client;
beforeAll(async () => {
  provider = await openProvider();
  api = await openApi({ provider });
  app = await openApp({ MAX_BODY_BYTES: String(64 * 1024) });
  owner = await app.owner();
});
afterAll(async () => {
  for (const one of [app, api, provider]) await one[Symbol.asyncDispose]();
});

const connect = (name: string) => owner.connect({ provider, apiOrigin: api.origin, name });

/** What a person reads of a page, in one line. */
async function read(id: string): Promise<string> {
  const { status, text } = await owner.get(`/exchanges/${id}`);
  expect(status).toBe(200);
  const main = text.slice(text.indexOf('<main'));
  return main.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
}

describe('the page of an exchange', () => {
  test('says that a connection was reused', async () => {
    const slug = await connect('Twice');
    await owner.call(slug, 'GET', '/orders');
    const page = await read(await owner.call(slug, 'GET', '/orders'));

    expect(page).toContain('Reused connection: no DNS, connect or TLS.');
    expect(page).not.toContain('Requests on the wire');
  });

  test('shows each request of a call that was sent again and redirected, with its own times', async () => {
    const slug = await connect('Winding');
    await owner.call(slug, 'GET', '/orders');
    api.refuse();
    const page = await read(await owner.call(slug, 'GET', '/redirect'));

    expect(page).toContain('Requests on the wire 3');
    const rows = page.match(/\d (401|302|200) GET http\S+ (– |[\d.]+ ms )reused connection( [\d.]+ ms){4}/g);
    expect(rows?.map((row) => row.slice(0, 5))).toEqual(['1 401', '2 302', '2 200']);
    expect(page).toMatch(/In between [\d.]+ ms/);
  });

  test('tells length and SHA-256 of all of a body that was cut off', async () => {
    const slug = await connect('Long');
    const page = await read(await owner.call(slug, 'GET', '/bytes?size=100000'));

    const block = Buffer.from(Array.from({ length: 64 * 1024 }, (_, at) => at % 251));
    const all = Buffer.concat([block, block]).subarray(0, 100_000);
    expect(page).toContain('Kept the first 64 KiB (65,536 bytes)');
    expect(page).toContain('On the wire 98 KiB (100,000 bytes) in all');
    expect(page).toContain(`SHA-256, wire ${createHash('sha256').update(all).digest('hex')}`);
  });

  test('of a POST that got no answer says that the API may have acted on it', async () => {
    const slug = await connect('Broken');
    api.next('reset');
    const page = await read(await owner.call(slug, 'POST', '/orders'));

    expect(page).toMatch(/Written down 20\S+ \S+ UTC , before its first byte left\./);
    expect(page).toContain('Sent All of it. The API may have acted on it.');
    expect(page).toContain('What to do Look at the API whether this POST took effect before you send it again.');
  });
});

describe('the link to an exchange', () => {
  test('is its address, whatever its connection is called', async () => {
    const slug = await connect('Wandering');
    const id = await owner.call(slug, 'GET', '/orders');
    await owner.patchJson(`/api/v1/connections/${slug}`, { slug: 'elsewhere', name: 'Settled' });

    const { text } = await owner.get(`/exchanges/${id}`);

    expect(text).toContain(`<copy-button href="/exchanges/${id}" label="Copy link">`);
    expect(text).toContain('<a href="/connections/elsewhere">Wandering</a>');
    expect(text).toContain('(Settled by now)');
    expect(text).toContain(`href="/connections/elsewhere?exchange=${id}"`);
    expect(text).not.toContain(`/connections/${slug}`);
    expect((await owner.get(`/connections/elsewhere?exchange=${id}`)).status).toBe(200);
  });

  test('stays right when its connection is deleted; then nothing leads to what is gone', async () => {
    const slug = await connect('Soon gone');
    const id = await owner.call(slug, 'GET', '/orders');
    await owner.post(`/connections/${slug}/deletion`, {});

    const { status, text } = await owner.get(`/exchanges/${id}`);

    expect(status).toBe(200);
    expect(text).toContain(`<copy-button href="/exchanges/${id}" label="Copy link">`);
    expect(text).toContain('(deleted since)');
    expect(text).not.toContain(`/connections/${slug}`);
    expect(text).not.toContain('Send again');
  });

  test('leads whoever has to sign in first to it', async () => {
    const id = await owner.call(await connect('Shared'), 'GET', '/orders');
    const guest = app.client();

    const asked = await guest.get(`/exchanges/${id}`);
    const next = new URL(asked.location, app.url).searchParams.get('next') ?? '';
    const signedIn = await guest.post('/sign-in', { ...OWNER, next });

    expect([asked.status, signedIn.status, signedIn.location]).toEqual([303, 303, `/exchanges/${id}`]);
    expect((await guest.get(signedIn.location)).status).toBe(200);
  });
});
