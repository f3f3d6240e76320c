import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { copyDatabase } from '../src/db/sqlite/copy.ts';
import { COPY_FORMATS } from '../src/services/exchanges/copies/copy-formats.ts';
import { ENCODINGS as MORE_ENCODINGS } from './secrets/planted.ts';
import { openApp, OWNER } from './support/app.ts';
import type { Client, Reply } from './support/client.ts';
import { everyForm, type Leak, LEAKS, type LeakyApi, openLeakyApi } from './support/leaky-api.ts';
import { openProvider, type Provider } from './support/provider.ts';
import { asIndexed, checkpoint, filesOf, found, indexedWords, type Place, valuesOf } from './support/residue.ts';

const unique = () => randomBytes(6).toString('hex');

/** Hard to find in one encoding or another; the tokens, codes and verifiers of the providers come besides. */
const SECRETS = {
  clientSecret: `clïent "secret" ž/日本+${unique()}`,
  otherClientSecret: `other%20client&secret=${unique()}`,
  basicPassword: `say "please" & 'thanks' \\ ${unique()}`,
  bearerToken: 'k9!x-Q2z',
  headerKey: `a/b//c\\d+e%2Ff=${unique()}`,
  queryKey: `rocket🚀key ${unique()} 100%+pure`,
  cookieKey: `cookie<key>&amp+${unique()}`,
  newPassword: `nine "quoted" wörds ${unique()}`,
};

/** Stands in for a secret that nobody masks: the search has to find it. */
const CANARY = `canary-${unique()}`;
/** Long enough for a body to be packed. */
const LONG = '.'.repeat(2_000);

/** A browser that remembers everything it was shown. */
function watching(client: Client, shown: Place[]) {
  const keep = (what: string, reply: Reply): Reply => {
    const headers = [...reply.headers].filter(([name]) => name !== 'set-cookie');
    shown.push({ name: what, bytes: Buffer.from(`${JSON.stringify(headers)}\n${reply.text}`) });
    return reply;
  };
  return {
    get: async (path: string, headers?: Record<string, string>) =>
      keep(`GET ${path.slice(0, 60)}`, await client.get(path, headers)),
    post: async (path: string, fields: Record<string, string>) => keep(`POST ${path}`, await client.post(path, fields)),
    postJson: async (path: string, value: unknown) => keep(`POST ${path}`, await client.postJson(path, value)),
  };
}
type Watching = ReturnType<typeof watching>;

const FORM = { name: 'x', timeoutMs: '30000', width: '8', resendUnsafeOn401: 'on', grantType: 'client_credentials' };

/** Fills the form in wrongly, then rightly, and looks at it again. */
async function connect(browser: Watching, slug: string, fields: Record<string, string>): Promise<void> {
  const faulty = await browser.post('/connections', { ...FORM, slug, ...fields, width: 'wide' });
  expect(faulty.status).toBe(422);
  const made = await browser.post('/connections', { ...FORM, slug, ...fields });
  expect([made.status, made.location]).toEqual([303, `/connections/${slug}`]);
  for (const path of ['', '/edit', '/deletion']) await browser.get(`/connections/${slug}${path}`);
  await browser.post(`/connections/${slug}`, { ...FORM, slug, ...fields, timeoutMs: '0' });
}

/** Sends a call and looks at all that is kept of it. */
async function call(browser: Watching, slug: string, leak: Leak, body: string): Promise<string> {
  const method = body === '' ? 'GET' : 'POST';
  const fields = { method, path: `/${leak}/${slug}`, headers: '', body, contentType: 'text' };
  const { location } = await browser.post(`/connections/${slug}/exchanges`, fields);
  const id = location.split('exchange=')[1] ?? '';
  await browser.get(location);
  await browser.get(`/exchanges/${id}`);
  for (const half of ['request-body', 'response-body']) await browser.get(`/exchanges/${id}/${half}`);
  if (leak === 'json') await copy(browser, id);
  return id;
}

/** Has the request spelled in every format. */
async function copy(browser: Watching, id: string): Promise<void> {
  const paths = COPY_FORMATS.map(({ id: format }) => `/exchanges/${id}/as/${format}/file`);
  for (const path of [`/exchanges/${id}/as/curl`, ...paths]) expect((await browser.get(path)).status).toBe(200);
}

/** An answer of a token endpoint that says too much. */
function talkative(status: number, error: string, secrets: readonly string[]) {
  const forms = secrets.flatMap(everyForm);
  return { status, body: { error, error_description: forms.slice(0, 20).join(' '), hint: forms, note: secrets } };
}

function leaky(provider: Provider, own: readonly string[], elsewhere: string): Promise<LeakyApi> {
  return openLeakyApi(() => [...own, ...provider.secrets().slice(-2)], elsewhere);
}

function openJwtProvider(clientSecret: string): Promise<Provider> {
  return openProvider({
    clientSecret,
    accessTokenSeconds: 600,
    newToken: (prefix) =>
      prefix === 'access'
        ? `eyJhbGciOiJIUzI1NiJ9.${randomBytes(1530).toString('base64url')}.${randomBytes(32).toString('base64url')}`
        : `${prefix}+/%20="${randomBytes(24).toString('base64url')}~`,
  });
}

async function renewInEveryWay(browser: Watching, slug: string, provider: Provider, advance: (ms: number) => void) {
  const own = () => [SECRETS.clientSecret, ...provider.secrets().slice(-2)];
  const ask = () => browser.get(`/_token_refresh?connection=${slug}`, { accept: 'application/json' });
  await ask();
  await browser.postJson('/_token_refresh', { connection: slug });
  await browser.get('/_token_refresh', { accept: 'application/json' });
  for (const fault of [
    () => ({ status: 500, body: `<h1>${own().flatMap(everyForm).join('<br>')}</h1>` }),
    () => talkative(503, 'temporarily_unavailable', own()),
    () => talkative(401, 'invalid_client', own()),
    () => ({ amend: { access_token: undefined, refresh_token: undefined, token_type: own().join(' ') } }),
    () => talkative(400, 'invalid_grant', own()),
  ]) {
    advance(700_000);
    provider.next(fault());
    await ask();
    await browser.post(`/connections/${slug}/grant/renewals`, {});
    await browser.get(`/connections/${slug}`);
  }
}

async function consentInEveryWay(browser: Watching, slug: string, provider: Provider): Promise<void> {
  const own = [SECRETS.otherClientSecret];
  const goThere = async () => {
    const begun = await browser.post(`/connections/${slug}/consents`, {});
    const page = await browser.get(begun.location);
    const url = /href="(http[^"]+authorize[^"]+)"/.exec(page.text)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const back = (await fetch(url, { redirect: 'manual' })).headers.get('location') ?? '';
    return new URL(back);
  };
  await browser.get(`/connections/${slug}/consent`);
  const refused = await goThere();
  refused.searchParams.delete('code');
  refused.searchParams.set('error', 'access_denied');
  refused.searchParams.set('error_description', everyForm(SECRETS.otherClientSecret)[0] ?? '');
  expect((await browser.get(refused.pathname + refused.search)).status).toBe(422);
  provider.next(talkative(400, 'invalid_grant', own));
  const failed = await goThere();
  expect((await browser.get(failed.pathname + failed.search)).status).toBe(422);
  const granted = await goThere();
  const end = await browser.get(granted.pathname + granted.search);
  expect(end.location).toBe(`/connections/${slug}`);
  expect((await browser.get(granted.pathname + granted.search)).status).toBe(422);
}

describe('a day of work with an API and a provider that tell every secret they know', () => {
  test('leaves none of them in the database, the log, the pages or the replies', async () => {
    await using provider = await openJwtProvider(SECRETS.clientSecret);
    await using consenting = await openJwtProvider(SECRETS.otherClientSecret);
    await using elsewhere = await openLeakyApi(() => []);
    const { headerKey, queryKey, cookieKey, basicPassword, bearerToken } = SECRETS;
    await using api = await leaky(provider, [SECRETS.clientSecret], elsewhere.origin);
    await using consentedApi = await leaky(consenting, [SECRETS.otherClientSecret], elsewhere.origin);
    await using keyed = await openLeakyApi(() => [headerKey], elsewhere.origin);
    await using queried = await openLeakyApi(() => [queryKey], elsewhere.origin);
    await using baked = await openLeakyApi(() => [cookieKey], elsewhere.origin);
    await using basic = await openLeakyApi(() => [basicPassword], elsewhere.origin);
    await using bearer = await openLeakyApi(() => [bearerToken], elsewhere.origin);
    await using app = await openApp({ LOG_LEVEL: 'debug' });
    const shown: Place[] = [];
    const client = app.client();
    const browser = watching(client, shown);

    await browser.post('/sign-in', { email: OWNER.email, password: 'not the right password' });
    await browser.post('/sign-in', OWNER);
    const { refreshToken } = provider.issueGrant();
    const oauth = { authType: 'oauth2', clientAuthentication: 'client_secret_basic' };
    await connect(browser, 'kept', {
      ...oauth,
      baseUrl: api.origin,
      grantType: 'refresh_token',
      tokenUrl: provider.tokenUrl,
      clientId: provider.clientId,
      clientSecret: SECRETS.clientSecret,
      refreshToken,
    });
    await connect(browser, 'consented', {
      ...oauth,
      baseUrl: consentedApi.origin,
      grantType: 'authorization_code',
      clientAuthentication: 'client_secret_post',
      tokenUrl: consenting.tokenUrl,
      authorizationUrl: consenting.authorizationUrl,
      clientId: consenting.clientId,
      clientSecret: SECRETS.otherClientSecret,
    });
    const key = { authType: 'apiKey', apiKeyIn: 'header', apiKeyName: 'X-Partner' };
    await connect(browser, 'keyed', { ...key, baseUrl: keyed.origin, apiKeyValue: headerKey });
    await connect(browser, 'queried', {
      ...key,
      apiKeyIn: 'query',
      apiKeyName: 'who',
      baseUrl: queried.origin,
      apiKeyValue: queryKey,
    });
    await connect(browser, 'baked', { ...key, apiKeyIn: 'cookie', baseUrl: baked.origin, apiKeyValue: cookieKey });
    await connect(browser, 'basic', {
      authType: 'basic',
      baseUrl: basic.origin,
      basicUsername: 'üser',
      basicPassword,
    });
    await connect(browser, 'bearer', { authType: 'bearer', baseUrl: bearer.origin, bearerToken });

    await consentInEveryWay(browser, 'consented', consenting);
    const calls = { kept: api, consented: consentedApi, keyed, queried, baked, basic, bearer };
    for (const slug of Object.keys(calls)) {
      const ids: string[] = [];
      for (const leak of LEAKS) ids.push(await call(browser, slug, leak, ''));
      const typed = Object.values(SECRETS).flatMap(everyForm);
      const mine = slug === 'kept' ? typed.slice(0, everyForm(SECRETS.clientSecret).length) : [];
      ids.push(await call(browser, slug, 'json', [CANARY, LONG, ...mine].join(' ')));
      for (const [at, id] of slug === 'kept' ? ids.entries() : []) {
        const other = ids[(at + 1) % ids.length];
        expect((await browser.get(`/comparisons?exchange=${id}&exchange=${other}`)).status).toBe(200);
      }
    }
    await renewInEveryWay(browser, 'kept', provider, (ms) => app.clock.advance(ms));
    for (const path of ['/', '/connections', '/exchanges', '/account', '/exchanges/none', '/connections/none'])
      await browser.get(path);
    await app.running.workings.indexer.catchUp();
    for (const text of ['redacted', 'bearer OR token', CANARY])
      expect((await browser.get(`/exchanges?q=${encodeURIComponent(text)}`)).text).toContain('<mark>');
    for (const format of ['har', 'jsonl', 'csv'])
      for (const query of ['', `?q=${CANARY}`])
        expect((await browser.get(`/exchanges.${format}${query}`)).status).toBe(200);
    await copyDatabase(app.databaseFile, join(app.folder, 'backup.db'), () => {});
    await browser.post('/account/password', { currentPassword: 'wrong', newPassword: SECRETS.newPassword });
    await browser.post('/account/password', { currentPassword: OWNER.password, newPassword: SECRETS.newPassword });
    const cookies = [...client.cookies.values()];
    await browser.post('/sign-out', {});

    const secrets = [
      ...Object.values(SECRETS),
      ...provider.secrets(),
      ...consenting.secrets(),
      ...cookies,
      OWNER.password,
      (await readFile(join(app.folder, 'app.key'), 'utf8')).trim(),
    ];
    const wanted = Object.fromEntries(
      secrets.map((secret, index) => [
        `secret ${index} (${Buffer.from(secret).subarray(0, 6).toString()}…)`,
        [...everyForm(secret), ...Object.values(MORE_ENCODINGS).map((encode) => encode(secret))],
      ]),
    );
    const log = [{ name: 'log', bytes: Buffer.from(app.log()) }];
    const places = [...shown, ...log, ...(await filesOf(app.folder, ['app.key'])), ...valuesOf(app.databaseFile)];
    checkpoint(app.databaseFile);
    const after = await filesOf(app.folder, ['app.key']);

    expect(secrets.length).toBeGreaterThanOrEqual(12);
    expect(places.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['callbook.db', 'callbook.db-wal', 'callbook.db-shm', 'log', 'table body_chunk']),
    );
    expect(found(wanted, [...places, ...after])).toEqual([]);
    const words = indexedWords(app.databaseFile);
    const indexed = Object.fromEntries(
      Object.entries(wanted).map(([name, forms]) => [name, forms.map(asIndexed).filter((form) => form !== '')]),
    );
    expect(found(indexed, [words])).toEqual([]);

    // The search itself: what nobody masks is in the file, the rows and the pages, and a secret went over the wire.
    const canary = found({ canary: [CANARY] }, [...places, ...after]);
    expect(found({ canary: [asIndexed(CANARY)] }, [words])).toHaveLength(1);
    expect(canary).toEqual(
      expect.arrayContaining([
        'canary in callbook.db',
        'canary in packed in callbook.db',
        'canary in table body_chunk',
        'canary in GET /exchanges.har',
        'canary in GET /exchanges.jsonl',
        'canary in backup.db',
      ]),
    );
    expect(canary.some((hit) => hit.startsWith('canary in GET /exchanges/'))).toBe(true);
    expect(canary.filter((hit) => hit.includes('/as/')).length).toBeGreaterThan(0);
    expect(found({ key: [headerKey] }, [{ name: 'wire', bytes: Buffer.from(keyed.received.join('\n')) }])).toHaveLength(
      1,
    );
    expect(elsewhere.received.length).toBe(Object.keys(calls).length);
    const strayed = [{ name: 'another origin', bytes: Buffer.from(elsewhere.received.join('\n')) }];
    expect(found(wanted, strayed)).toEqual([]);
  }, 120_000);
});
