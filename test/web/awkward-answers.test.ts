import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openApp, type TestApp } from '../support/app.ts';
import type { Client } from '../support/client.ts';
import { type KeptExchange, keptCalls } from '../support/kept-exchanges.ts';
import { newKey } from '../support/keys.ts';
import { Program, withKey } from '../support/program.ts';
import { openRawApi, type RawApi } from '../support/raw-api.ts';
import type { Shown } from './awkward-answer.ts';
import { AWKWARD_ANSWERS, CAP } from './awkward-answers.ts';

const NO_PROVIDER = { origin: 'http://127.0.0.1:9', clientId: '', clientSecret: '' };
const NAMES = Object.keys(AWKWARD_ANSWERS);
const pathOf = (name: string) => `/${NAMES.indexOf(name)}`;

let api: RawApi;
let app: TestApp;
let owner: Client;
let program: Program;
let slug: string;
beforeAll(async () => {
  api = await openRawApi(
    Object.fromEntries(NAMES.map((name) => [pathOf(name).slice(1), AWKWARD_ANSWERS[name]!.answer])),
  );
  app = await openApp({ MAX_BODY_BYTES: String(CAP) });
  owner = await app.owner();
  program = new Program(app.url, withKey(await newKey(owner, 'viewer')));
  slug = await owner.connect({ provider: NO_PROVIDER, apiOrigin: api.origin, authType: 'none' });
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await api[Symbol.asyncDispose]();
});

/** What the page shows of the answer's body, and what it says about it. */
function shownOf(page: string): { shown: Shown; notes: string[] } {
  const section = /<section id="received"[^]*?<\/section>/.exec(page)?.[0] ?? '';
  const inside = (pattern: RegExp) => read(pattern.exec(section)?.[1] ?? null);
  const text = inside(/<pre [^>]*id="response-body">\n?([^]*?)<\/pre>/);
  const hex = inside(/<pre class="code hex"[^>]*>([^\n<]*)/);
  const image = inside(/<img [^>]*src="data:([^;]+);base64,/);
  const notes = [...section.matchAll(/<p class="note">([^<]*)<\/p>/g)].map(([, note]) => read(note ?? '') ?? '');
  if (image !== null) return { shown: { image }, notes };
  if (hex !== null) return { shown: { hex }, notes };
  return { shown: text === null ? { nothing: true } : { text }, notes };
}

/** What a browser makes of escaped text. */
function read(html: string | null): string | null {
  const names: Record<string, string> = { lt: '<', gt: '>', quot: '"', '#39': "'", '#13': '\r', amp: '&' };
  return html === null
    ? null
    : html.replaceAll(/&(lt|gt|quot|#39|#13|amp);/g, (_whole, name: string) => names[name] ?? '');
}

function factsOf({ outcome, reason, status, responseBody }: KeptExchange) {
  return { outcome, reason, status, body: responseBody };
}

describe('an answer that is hard to keep', () => {
  test('comes in more than forty kinds', () => expect(NAMES.length).toBeGreaterThan(40));

  test.each(NAMES)('is on record, comes back and is shown as it was: %s', async (name) => {
    const { method, kept, truncated, wireBytes, wireSha256, ...expected } = AWKWARD_ANSWERS[name]!;

    const id = await owner.call(slug, method, pathOf(name));
    const exchange = keptCalls(app.databaseFile).find((call) => call.id === id)!;
    const file = await program.ask('GET', `/api/v1/exchanges/${id}/response-body`);
    const page = await owner.get(`/exchanges/${id}`);

    const sha256 = createHash('sha256').update(kept).digest('hex');
    const { outcome, reason, status } = expected;
    const body = { bytes: kept.length, sha256, truncated, wireBytes, wireSha256 };
    expect(factsOf(exchange)).toEqual({ outcome, reason, status, body });
    expect([file.status, file.bytes.equals(kept)]).toEqual([200, true]);
    expect(page.status).toBe(200);
    expect(shownOf(page.text)).toEqual({ shown: expected.shown, notes: expected.notes });
    expect(page.text).not.toMatch(/<script>(document|alert)/);
  });
});
