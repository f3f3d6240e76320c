import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { Shown } from '../support/absence.ts';
import { openApp } from '../support/app.ts';
import { harEntry, harOf } from '../support/hars.ts';
import { openProvider } from '../support/provider.ts';
import { newKey } from '../support/keys.ts';
import { join } from '../support/people.ts';
import { Program, withKey } from '../support/program.ts';
import { found } from '../support/residue.ts';

const secret = (what: string) => `${what}-${randomBytes(12).toString('hex')}`;
const SECRETS = {
  authorization: secret('authorization'),
  cookie: secret('cookie'),
  setCookie: secret('set-cookie'),
  query: secret('query'),
  fragment: secret('fragment'),
  formPassword: secret('form password+%'),
  partPassword: secret('part-password'),
  refreshToken: secret('refresh "token"'),
  codedToken: secret('coded-token'),
  apiKey: secret('api-key'),
  hop: secret('hop'),
};
const CANARY = secret('canary');
const URL_WITH_TOKEN = `https://api.example.org/orders?access_token=${SECRETS.query}&note=${CANARY}`;

const pair = (name: string, value: string) => ({ name, value });
const { request, response } = harEntry();
const form = `user=ada&password=${encodeURIComponent(SECRETS.formPassword)}`;
const parts = `--x\r\nContent-Disposition: form-data; name="password"\r\n\r\n${SECRETS.partPassword}\r\n--x--\r\n`;
const told = JSON.stringify({ note: CANARY, refresh_token: SECRETS.refreshToken });
const coded = Buffer.from(`{"n": "ÿ", "access_token": "${SECRETS.codedToken}"}`, 'latin1').toString('base64');
const phases = { wait: null, dns: null, connect: null, tls: null, send: 1, firstByte: 1, receive: 1, total: 3 };

/** Secrets in every place that a HAR has for them, each named as what it is. */
const HAR = harOf(
  harEntry({
    request: {
      ...request,
      url: URL_WITH_TOKEN,
      queryString: [pair('access_token', SECRETS.query)],
      headers: [
        pair('Authorization', `Bearer ${SECRETS.authorization}`),
        pair('Cookie', `sid=${SECRETS.cookie}`),
        pair('X-Api-Key', SECRETS.apiKey),
        pair('Referer', URL_WITH_TOKEN),
      ],
      cookies: [pair('sid', SECRETS.cookie)],
      method: 'POST',
      postData: {
        mimeType: 'application/x-www-form-urlencoded',
        text: form,
        params: [pair('user', 'ada'), pair('password', SECRETS.formPassword)],
      },
    },
    response: {
      ...response,
      headers: [
        pair('Set-Cookie', `sid=${SECRETS.setCookie}; HttpOnly`),
        pair('Location', `https://app.example.org/#access_token=${SECRETS.fragment}`),
        pair('Content-Type', 'application/json'),
      ],
      cookies: [pair('sid', SECRETS.setCookie)],
      content: { size: told.length, mimeType: 'application/json', text: told },
      redirectURL: `https://app.example.org/#access_token=${SECRETS.fragment}`,
    },
    _callbook: {
      outcome: 'answered',
      reason: null,
      attempts: 1,
      total: 3,
      truncated: { request: false, response: false },
      hops: [1, 2].map((attempt) => ({
        attempt,
        method: 'POST',
        status: 302,
        reusedConnection: false,
        timings: phases,
        url: `https://api.example.org/?access_token=${SECRETS.hop}`,
      })),
    },
  }),
  harEntry({
    // Fields without a text, and a content type that only HAR's own member tells.
    request: {
      ...request,
      headers: [],
      postData: {
        mimeType: 'application/x-www-form-urlencoded',
        params: [pair('password', SECRETS.formPassword)],
      },
    },
    response: {
      ...response,
      headers: [],
      content: { size: 9, mimeType: 'application/json', text: coded, encoding: 'base64' },
    },
  }),
  harEntry({
    request: { ...request, postData: { mimeType: 'multipart/form-data; boundary=x', text: parts } },
    response: { ...response, status: 0, headers: [], content: {}, _error: `refused: ${URL_WITH_TOKEN}` },
  }),
);

describe('a HAR with a secret in every place that has a name for it', () => {
  test('comes in and goes out without them, by every way, and a refusal quotes none', async () => {
    await using app = await openApp({ LOG_LEVEL: 'debug' });
    const owner = await app.owner();
    const shown = new Shown();
    const program = new Program(app.url, withKey(await newKey(owner, 'editor')));
    const seen = async (path: string) => {
      const reply = await owner.get(path);
      expect([path, reply.status]).toEqual([path, 200]);
      return shown.keep(`GET ${path}`, reply, reply.headers, reply.text);
    };

    const headers = { 'content-type': 'application/json' };
    const came = await program.ask('POST', '/api/v1/exchanges/imports', { body: HAR, headers });
    shown.keep('import', came, came.headers, came.bytes);
    expect(came.status).toBe(201);
    const uploaded = await owner.upload('/exchanges/imports', HAR);
    await seen(uploaded.location);
    for (const wrong of [HAR.replaceAll('"method":"POST"', '"method":"PO ST"'), HAR.slice(0, -40), `${HAR}x`]) {
      const refused = await program.ask('POST', '/api/v1/exchanges/imports', { body: wrong, headers });
      shown.keep('refusal', refused, refused.headers, refused.bytes);
      const again = await owner.upload('/exchanges/imports', wrong);
      shown.keep('form again', again, again.headers, again.text);
      expect([refused.status, again.status]).toEqual([422, 422]);
    }
    for (const [at, id] of came.json<{ ids: string[] }>().ids.entries()) {
      for (const rest of ['', '/har', '/as/curl', '/as/http/file', '/request-body'])
        await seen(`/exchanges/${id}${rest}`);
      if (at < 2) await seen(`/exchanges/${id}/response-body`);
    }
    for (const format of ['', '.har', '.jsonl', '.csv']) await seen(`/exchanges${format}`);

    expect(await shown.leaks(SECRETS, app)).toEqual([]);
    const canaries = found({ canary: [CANARY] }, shown.places);
    for (const format of ['.har', '.jsonl', '.csv']) expect(canaries).toContain(`canary in GET /exchanges${format}`);
    const [har] = shown.places.filter(({ name }) => name === 'GET /exchanges.har');
    expect(har?.bytes.toString().match(/\*redacted\*/g)?.length).toBeGreaterThan(20);
  });
});

describe('a HAR that tells the secrets of the workspace’s own connections, under names that say nothing', () => {
  test('comes in without them, and the same file in another workspace keeps what is none of theirs', async () => {
    await using provider = await openProvider();
    await using app = await openApp();
    const owner = await app.owner();
    const token = secret('bearer/"token"');
    const connected = { timeoutMs: '30000', width: '8', baseUrl: 'https://api.example.org' };
    await owner.post('/connections', { ...connected, name: 'Bearer', authType: 'bearer', bearerToken: token });
    const slug = await owner.connect({ provider, apiOrigin: 'https://api.example.org', name: 'Granted' });
    expect((await owner.get(`/_token_refresh?connection=${slug}`)).status).toBe(200);
    const own = { token, clientSecret: provider.clientSecret ?? '', accessToken: provider.secrets().at(-1) ?? '' };
    expect(Object.values(own).filter((value) => value.length < 8)).toEqual([]);
    const text = JSON.stringify({ innocent: Object.values(own), note: CANARY });
    const entry = harEntry({
      request: {
        ...request,
        headers: [pair('X-Trace', encodeURIComponent(token))],
        url: `${URL_WITH_TOKEN}#${own.accessToken}`,
      },
      response: { ...response, content: { size: text.length, mimeType: 'text/plain', text } },
    });

    expect((await owner.upload('/exchanges/imports', harOf(entry))).status).toBe(303);
    expect(await new Shown().leaks(own, app)).toEqual([]);
    const exported = new Shown();
    const reply = await owner.get('/exchanges.jsonl?kind=imported');
    exported.keep('export', reply, reply.text);
    expect(await exported.leaks(own, app)).toEqual([]);
    expect(found({ canary: [CANARY] }, exported.places)).toEqual(['canary in export']);

    const elsewhere = await join(app, 'owner', 'elsewhere');
    expect((await elsewhere.upload('/exchanges/imports', harOf(entry))).status).toBe(303);
    const other = await elsewhere.get('/exchanges.jsonl');
    expect(other.text).toContain(encodeURIComponent(token));
  });
});
