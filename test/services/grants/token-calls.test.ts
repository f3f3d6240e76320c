import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ScriptedAnswer } from '../../support/faults.ts';
import { headerValue } from '../../../src/kernel/headers.ts';
import { KEYS, takenApart } from '../../oauth/jws.ts';
import { Shown } from '../../support/absence.ts';
import { rowsOf } from '../../support/kept-exchanges.ts';
import { listen } from '../../support/listening.ts';
import { formOf, receive, type Received } from '../../support/received.ts';
import { settingsWith } from '../../oauth/answers.ts';
import { tokenCallMasker } from '../../../src/services/grants/token-call.ts';
import { openProgramStage, type ProgramStage } from './program-stage.ts';
import { LIFE_S } from './stage.ts';

let at: ProgramStage;
beforeAll(async () => {
  at = await openProgramStage();
  at.stage.app.clock.stop();
});
afterAll(() => at[Symbol.asyncDispose]());

const WANTS_NONCE = (nonce: string): ScriptedAnswer => ({
  status: 400,
  headers: { 'dpop-nonce': nonce },
  body: { error: 'use_dpop_nonce', error_description: 'Authorization server requires nonce in DPoP proof' },
});
const granted = (accessToken: string, headers: Record<string, string> = {}): ScriptedAnswer => ({
  status: 200,
  headers,
  body: { access_token: accessToken, token_type: 'DPoP', expires_in: LIFE_S },
});

/** Renews by hand, with the provider answering so; gives what it was sent. */
async function renewed(slug: string, ...answers: ScriptedAnswer[]): Promise<Received[]> {
  const { provider } = at.stage;
  const before = provider.log.length;
  provider.next(...answers);
  await at.stage.renew(slug);
  return provider.log.slice(before);
}

const proofOf = ({ headers }: Received) => takenApart(headerValue(headers, 'dpop') ?? '').claims;
const lastCall = (slug: string) =>
  rowsOf(
    at.stage.app.databaseFile,
    `select e.attempts, e.hops, e.status, e.outcome from exchange e join connection c on c.id = e.connection_id
     where c.slug = '${slug}' and e.kind = 'token' order by e.id desc limit 1`,
  )[0];

describe('a provider that wants a nonce in the proof', () => {
  test('is asked once more with it, both calls in one record, and at once with the newest from then on', async () => {
    const slug = await at.connect({ dpop: true });
    const [first, second] = await renewed(slug, WANTS_NONCE('n-1'), granted('bound-1', { 'dpop-nonce': 'n-2' }));
    expect(proofOf(first!)).not.toHaveProperty('nonce');
    expect(proofOf(second!)).toMatchObject({ htu: at.stage.provider.tokenUrl, nonce: 'n-1' });
    expect(proofOf(second!)['jti']).not.toBe(proofOf(first!)['jti']);
    expect(await at.stage.grant(slug)).toMatchObject({ state: 'held', generation: 1, tokenType: 'dpop' });

    const record = lastCall(slug);
    expect(record).toMatchObject({ attempts: 2, status: 200, outcome: 'answered' });
    expect(JSON.parse(String(record?.['hops']))).toMatchObject([
      { attempt: 1, status: 400 },
      { attempt: 2, status: 200 },
    ]);

    const later = await renewed(slug, granted('bound-2'));
    expect(later.map((received) => proofOf(received)['nonce'])).toEqual(['n-2']);
    expect(lastCall(slug)).toMatchObject({ attempts: 1 });
  });

  test('is asked twice at most, and the grant lives', async () => {
    const slug = await at.connect({ dpop: true, tokenUrl: `${at.stage.provider.tokenUrl}?tenant=7` });
    expect(await renewed(slug, WANTS_NONCE('m-1'), WANTS_NONCE('m-2'))).toHaveLength(2);
    expect(await at.stage.grant(slug)).toMatchObject({ state: 'missing', reason: 'use_dpop_nonce', failures: 1 });
  });

  test('gets an assertion of its own with each call', async () => {
    const auth = { dpop: true, clientAuthentication: 'private_key_jwt', clientSecret: null, privateKey: KEYS.ES256 };
    const slug = await at.connect(auth);
    const calls = await renewed(slug, WANTS_NONCE('o-1'), granted('bound-3'));
    const ids = calls.map((call) => takenApart(formOf(call).get('client_assertion') ?? '').claims['jti']);
    expect(new Set(ids).size).toBe(2);
    expect(await at.stage.grant(slug)).toMatchObject({ state: 'held' });
  });

  test('is not asked again where no proof was sent', async () => {
    const slug = await at.connect({});
    expect(await renewed(slug, WANTS_NONCE('p-1'))).toHaveLength(1);
  });
});

const SECRETS = {
  password: 'mia’s pass & word at the partner',
  subjectToken: 'subject token of the partner',
  actorToken: 'actor token of the partner',
};
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const JSON_IN = { jsonBody: true, secretInQuery: false, tokenPath: null, expiresInMs: false };

/** A token endpoint that turns everything down and repeats what it was sent, in more than one way. */
async function openEcho() {
  const heard: Received[] = [];
  const echo = await listen(async (request, response) => {
    const received = await receive(request);
    heard.push(received);
    const body = received.body.toString();
    const fields = Object.fromEntries(formOf(received));
    const words = Object.values(fields).join(' ').slice(0, 400);
    response.writeHead(400, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: 'odd', error_description: words, notes: [body, received.target, fields] }));
  });
  return { heard, tokenUrl: `${echo.origin}/token`, [Symbol.asyncDispose]: () => echo[Symbol.asyncDispose]() };
}

describe('a provider that repeats what it was sent', () => {
  test.each([
    ['a password', { grantType: 'password', username: 'mia', password: SECRETS.password }],
    ['tokens of others', { grantType: EXCHANGE, subjectToken: SECRETS.subjectToken, actorToken: SECRETS.actorToken }],
    ['an assertion', { grantType: JWT_BEARER, privateKey: KEYS.ES256, dpop: true }],
    ['an assertion of the client', { clientAuthentication: 'client_secret_jwt' }],
    ['JSON', { clientAuthentication: 'client_secret_post', quirks: JSON_IN }],
    ['a secret in the query', { quirks: { ...JSON_IN, jsonBody: false, secretInQuery: true } }],
  ])('gets none of it into a page, a row, the log or a reason: %s', async (_what, auth) => {
    await using echo = await openEcho();
    const { provider, owner, app } = at.stage;
    const clientSecret = provider.clientSecret ?? '';
    const slug = await at.connect({ clientSecret, ...auth, tokenUrl: echo.tokenUrl });
    await at.stage.renew(slug);

    const shown = new Shown();
    for (const path of [`/connections/${slug}`, '/exchanges']) {
      const { text } = await owner.get(path);
      shown.keep(path, text, text);
    }
    const grant = await at.program.ask('GET', `/api/v1/connections/${slug}/grant`);
    shown.keep('grant', grant.text, grant.text);
    expect(grant.text).toContain('"odd"');
    const [received] = echo.heard;
    const fields = [...formOf(received!)].filter(([name]) => name.endsWith('assertion'));
    const proof = headerValue(received!.headers, 'dpop');
    const own = Object.entries(auth).filter(([name]) => name in SECRETS) as [string, string][];
    const secrets = { clientSecret, ...Object.fromEntries([...own, ...fields]), ...(proof && { proof }) };
    expect(await shown.leaks(secrets, app)).toEqual([]);
  });
});

describe('a token call’s masker', () => {
  test('covers parameters that are called like secrets, and leaves others alone', () => {
    const named = (name: string, value: string) => ({ phase: 'token', in: 'body', name, value }) as const;
    const settings = settingsWith({
      parameters: [named('X-Partner-Token', 'value of the first'), named('tenant', 'value of the second')],
    });
    const masker = tokenCallMasker(settings, {}, []);
    expect(masker.text('value of the first, value of the second')).toBe('*redacted*, value of the second');
  });
});
