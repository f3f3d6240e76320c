import { join } from 'node:path';
import { TOLD_GRANT_STATES } from '../../../src/kernel/grant-telling.ts';
import type { Connection } from '../../../src/model/connection.ts';
import type { Exchange } from '../../../src/model/exchange.ts';
import { createAssets } from '../../../src/web/assets.ts';
import { accountPage } from '../../../src/web/presenters/account-page.ts';
import { apiPage } from '../../../src/web/presenters/api-page.ts';
import { comparisonChoice } from '../../../src/web/presenters/comparison-choice.ts';
import { comparisonPage } from '../../../src/web/presenters/comparison-page.ts';
import { connectionForm } from '../../../src/web/presenters/connection-form.ts';
import { connectionList } from '../../../src/web/presenters/connection-list.ts';
import { connectionDeletePage, connectionPage, disconnectPage } from '../../../src/web/presenters/connection-page.ts';
import { connectionValues, NEW_CONNECTION } from '../../../src/web/presenters/connection-values.ts';
import { consentContinuePage, consentFailedPage, consentPage } from '../../../src/web/presenters/consent-page.ts';
import { deviceFailedPage, devicePage, deviceStartPage } from '../../../src/web/presenters/device-page.ts';
import { setupPage, signInPage } from '../../../src/web/presenters/entrance-page.ts';
import { discoveredSettings } from '../../../src/web/presenters/discovered-settings.ts';
import { exchangeList } from '../../../src/web/presenters/exchange-list.ts';
import { exchangeDeletePage, selectionDeletePage } from '../../../src/web/presenters/exchange-deletion.ts';
import { importPage } from '../../../src/web/presenters/exchange-import.ts';
import { exchangePage } from '../../../src/web/presenters/exchange-page.ts';
import { grantPage } from '../../../src/web/presenters/grant-page.ts';
import { homePage } from '../../../src/web/presenters/home-page.ts';
import { keyList } from '../../../src/web/presenters/key-list.ts';
import type { LayoutData } from '../../../src/web/presenters/layout.ts';
import { presetPicker, presetQuestions } from '../../../src/web/presenters/preset-picker.ts';
import { problemList, problemMeaning } from '../../../src/web/presenters/problem-meaning.ts';
import { problemPage } from '../../../src/web/presenters/problem-page.ts';
import { presetOf } from '../../../src/services/connections/presets.ts';
import { createViews } from '../../../src/web/views.ts';
import { DEVICE_STATES } from '../../../src/model/device-attempt.ts';
import { sampleDescription } from './sample-description.ts';
import { peoplePages, sampleWorkspaces } from './people-pages.ts';
import { sampleSuggestion } from './sample-suggestion.ts';
import { sampleLife } from './sample-life.ts';
import { NO_FILTERS, NOW, sampleApiKey, sampleConnection, sampleDevice, sampleExchange, samplePin, sampleSignIn, sampleTelling } from './samples.ts';

const ROOT = join(import.meta.dirname, '../../..');
const assets = createAssets({ dir: join(ROOT, 'public') });
const views = createViews({ dir: join(ROOT, 'views'), cache: true });
const SIZE = { record: { exchanges: 1204, bodyBytes: 5_000_000, oldest: NOW }, database: { bytes: 9_000_000, freeBytes: 4096 } };
const REDIRECT = 'http://127.0.0.1:3000/consent/callback';

/** What goes into the pages; everything has a typical value. */
export interface Contents {
  readonly connection?: Connection;
  readonly exchange?: Exchange;
  readonly body?: Uint8Array;
  readonly text?: string;
}

/** Renders one view in the layout. */
export function rendered(name: string, data: { readonly title: string }, page: Partial<LayoutData> = {}): string {
  const actor = { name: 'owner@example.org', role: 'owner' } as const;
  const base = { title: data.title, csrf: 'csrf-4711', actor, nav: 'home', banners: [], workspaces: [], flash: null, assets: assets.url };
  return views.render(name, { page: { ...base, ...page }, ...data });
}

/** Every page there is, as `[what, html]`, with the given things in it. */
export function everyPage({
  connection = sampleConnection(),
  exchange = sampleExchange(),
  body = Buffer.from('{}'),
  text = 'A sentence.',
}: Contents = {}): (readonly [string, string])[] {
  const parts = { exchange, requestBytes: body, responseBytes: body, canSend: true, canPin: true, canDelete: true, pin: samplePin(text) };
  const prefill = { method: 'POST', path: `/${text}`, headers: `x: ${text}`, body: text, contentType: 'json' as const, lineEnds: 'crlf' as const };
  const errors = { path: text, headers: text, body: text };
  const told = TOLD_GRANT_STATES.map((state) => ({ connection, telling: sampleTelling(state, { detail: text }) }));
  const form = { faults: [{ pointer: '/name', detail: text }], redirectUri: REDIRECT } as const;
  const held = ['clientSecret'] as const;
  const banners = [{ text, href: '/connections/partner/consent', label: 'Consent' }];
  const list = { filters: NO_FILTERS, connections: [connection], older: '/exchanges?cursor=x', newer: '/exchanges?newer=x', isFirst: false };
  const hit = { column: 'response_body', before: text, match: text, after: text } as const;
  const search = { hits: new Map([[exchange.id, hit]]), takenAs: 'words' as const, reached: NOW, isIndexed: false };
  const total = { exchanges: 1_200, how: 'about' } as const;
  const kept = { slug: 'partner', name: connection.name, values: connectionValues(connection), held };
  const signIns = { email: text, role: 'owner', signIns: [sampleSignIn()], currentSignInId: 'x', currentWorkspaceId: 'x', workspaces: sampleWorkspaces(text) } as const;
  const fault = { status: 404, title: text, detail: text, code: 'not-found', errorId: text };
  return [
    ['home', rendered('home', homePage({ connections: told, latest: [exchange], role: 'owner', hasPractice: true, size: SIZE }, NOW), { banners, flash: text })],
    ['home, empty', rendered('home', homePage({ connections: [], latest: [], role: 'owner', hasPractice: true, size: SIZE }, NOW))],
    ['connections', rendered('connections/index', connectionList(told, 'owner', NOW))],
    ['connections, empty', rendered('connections/index', connectionList([], 'viewer', NOW))],
    ...told.map(({ telling }) => {
      const answer = { connection, telling, recent: [exchange], role: 'owner', prefill, errors, answer: parts, refusal: text } as const;
      return [`connection, ${telling.state}`, rendered('connections/show', connectionPage(answer, NOW))] as const;
    }),
    ['connection, empty', rendered('connections/show', connectionPage({ connection, telling: sampleTelling('missing'), recent: [], role: 'viewer' }, NOW))],
    ...(['fresh', 'consent-needed', 'missing'] as const).map((state) => [`grant, ${state}`, rendered('connections/grant', grantPage(sampleLife(state, connection, exchange, text), NOW))] as const),
    ['new connection', rendered('connections/new', connectionForm({ ...form, slug: null, name: null, values: NEW_CONNECTION, held: [], faults: [] }))],
    ['new connection, from a preset', rendered('connections/new', Object.assign(connectionForm({ ...form, slug: null, name: null, values: NEW_CONNECTION, held: [], faults: [] }), { presets: presetPicker(presetOf('google')), discovered: discoveredSettings(sampleSuggestion(text), { tokenUrl: text }) }))],
    ['new connection, questions of a preset', rendered('connections/preset', presetQuestions(presetOf('keycloak'), { host: text }, [{ pointer: '/host', detail: text }]))],
    ['edit connection', rendered('connections/edit', connectionForm({ ...form, ...kept }))],
    ['delete connection', rendered('connections/delete', connectionDeletePage(connection))],
    ['disconnect', rendered('connections/disconnect', disconnectPage(connection))],
    ['consent', rendered('consent/new', consentPage(connection, sampleTelling('missing'), 'owner', REDIRECT, NOW))],
    ['consent, on', rendered('consent/continue', consentContinuePage(connection, 'https://id.partner.example/authorize?a=1&b=2'))],
    ['consent, failed', rendered('consent/failed', consentFailedPage(connection, text, text))],
    ['device', rendered('devices/new', deviceStartPage(connection, sampleTelling('missing'), text, NOW))],
    ['device, failed', rendered('devices/failed', deviceFailedPage(connection, text, text))],
    ...DEVICE_STATES.map((state) => [`device, ${state}`, rendered('devices/show', devicePage(connection, sampleDevice(state, text), NOW))] as const),
    ['history', rendered('exchanges/index', exchangeList({ ...list, search, total, exchanges: [{ ...exchange, slugNow: text, pinNote: text }] }, NOW))],
    ['history, empty', rendered('exchanges/index', exchangeList({ ...list, exchanges: [], older: null, isFirst: true, errors: { q: text } }, NOW))],
    ['history, without a beginning', rendered('exchanges/index', exchangeList({ ...list, exchanges: [], isFirst: true, errors: { '': text } }, NOW))],
    ['exchange', rendered('exchanges/show', exchangePage(parts, NOW))],
    ['exchange, note refused', rendered('exchanges/show', exchangePage({ ...parts, refusedNote: { note: text, error: text } }, NOW))],
    ['exchange, bare', rendered('exchanges/show', exchangePage({ exchange: bare(exchange), requestBytes: null, responseBytes: null }, NOW))],
    ['exchange, imported', rendered('exchanges/show', exchangePage({ ...parts, exchange: imported(exchange) }, NOW))],
    ['history, imported', rendered('exchanges/index', exchangeList({ ...list, exchanges: [imported(exchange)], canImport: true }, NOW))],
    ['import', rendered('exchanges/import', importPage({ count: 7, first: NOW, last: NOW }, null))],
    ['import, refused', rendered('exchanges/import', importPage(null, text))],
    ['delete exchange', rendered('exchanges/delete', exchangeDeletePage(exchange, true))],
    ['delete exchanges', rendered('exchanges/delete', selectionDeletePage({ count: 3, pinned: 1, pending: 1, isMore: true, search }, { ...NO_FILTERS, method: text }, 7, NOW))],
    ['delete exchanges, none', rendered('exchanges/delete', selectionDeletePage({ count: 0, pinned: 0, pending: 0, isMore: false, search: null }, NO_FILTERS, null, NOW))],
    ...compared(exchange, text),
    ['API keys', rendered('keys/index', keyList({ keys: [sampleApiKey({ name: text, createdBy: text }), sampleApiKey({ state: 'revoked', revokedAt: NOW, lastUsedAt: null, expiresAt: null, createdBy: null })], made: { name: text, key: text }, values: { name: text }, errors: { '': text, name: text } }, NOW))],
    ['API keys, empty', rendered('keys/index', keyList({ keys: [] }, NOW))],
    ['account', rendered('account/show', accountPage({ ...signIns, errors: { newPassword: text } }, NOW))],
    ['API', rendered('api/show', apiPage(sampleDescription(text)))],
    ['API, outside', rendered('api/show', apiPage(sampleDescription(text)), { actor: null })],
    ...problemList().map(({ code }) => [`problem of type ${code}`, rendered('api/problem', problemMeaning(code)!)] as const),
    ...peoplePages(text).map(([what, view, data, page]) => [what, rendered(view, data, page)] as const),
    ['problem', rendered('problem', problemPage({ ...fault, faults: [{ pointer: '/a', detail: text }] }), { actor: null })],
    ['setup', rendered('setup/new', setupPage({ email: text }, { password: text }), { actor: null })],
    ['sign-in', rendered('sign-in/new', signInPage({ email: text, next: '/' }, text), { actor: null })],
  ];
}

function compared(exchange: Exchange, text: string): (readonly [string, string])[] {
  const facts = { left: exchange.requestBody ?? null, right: exchange.responseBody ?? null };
  const pair = { ...facts, verdict: 'different' } as const;
  const change = { path: `/${text}`, before: text, after: text, from: null };
  const changes = (['added', 'removed', 'changed', 'moved'] as const).map((kind) => ({ ...change, kind }));
  const lines = (['same', 'added', 'removed', 'gap', 'end'] as const).map((kind) => ({ kind, text, left: 1, right: null }));
  const request = { ...pair, difference: { how: 'json', changes, more: 1, notes: [text] } } as const;
  const response = { ...pair, difference: { how: 'text', lines, more: 0, notes: [text] } } as const;
  const nothing = { left: null, right: null, verdict: 'none', difference: null } as const;
  const page = (parts: Parameters<typeof comparisonPage>[0]) => rendered('comparisons/show', comparisonPage(parts, NOW));
  return [
    ['comparison', page({ left: exchange, right: bare(exchange), request, response })],
    ['comparison, to be chosen', rendered('comparisons/new', comparisonChoice([text, text], ['', '/0', '/1'].map((at) => ({ pointer: `/exchange${at}`, detail: text }))))],
    ['comparison of bare ones', page({ left: bare(exchange), right: bare(exchange), request: nothing, response: nothing })],
  ];
}

function imported(exchange: Exchange): Exchange {
  const nothing = { connectionId: null, connectionSlug: null, connectionName: null };
  return Object.assign(sampleExchange(), exchange, nothing, { kind: 'imported', generation: 0 });
}

function bare(exchange: Exchange): Exchange {
  const nothing = { status: null, responseHeaders: null, responseBody: null, requestBody: null, timings: null, hops: [] };
  return Object.assign(sampleExchange(), exchange, nothing, { outcome: 'failed', reason: 'dns', requestHeaders: [], sentBy: null });
}
