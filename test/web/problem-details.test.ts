import { Router } from '@koa/router';
import type { Middleware } from 'koa';
import { describe, expect, test } from '@jest/globals';
import * as errors from '../../src/kernel/errors.ts';
import { serve } from './middleware/serving.ts';

const THROWN: Readonly<Record<string, unknown>> = {
  malformed: new errors.Malformed('It is not readable.'),
  'invalid-input': new errors.InvalidInput([{ pointer: '/baseUrl', detail: 'Give a URL.' }]),
  'not-signed-in': new errors.NotSignedIn(),
  'not-allowed': new errors.NotAllowed('Owners only.'),
  'not-found': new errors.NotFound('connection', 'x'),
  conflict: new errors.Conflict('It exists.'),
  'too-large': new errors.TooLarge('Too large.'),
  'too-many': new errors.TooMany('Later.', 61.2),
  'queue-full': new errors.QueueFull(),
  'database-busy': new errors.DatabaseBusy(),
  'consent-needed': new errors.ConsentNeeded('Consent.', { status: 200, type: 'x', connection: 'partner' }),
  refreshing: new errors.Refreshing('Wait.'),
  foreign: Object.assign(new Error('token=hunter2'), { config: { headers: 'hunter2' }, status: 418 }),
  exposed: Object.assign(new Error('hunter2'), { status: 400, expose: true }),
  text: 'hunter2',
};

const serving = () =>
  serve(() => {
    const router = new Router();
    router.get('/thrown/:name', (ctx) => {
      ctx.set('ETag', '"of the page"');
      ctx.attachment('page.html');
      throw THROWN[String(ctx.params.name)];
    });
    router.get('/thing', (ctx) => {
      ctx.body = 'thing';
    });
    router.put('/thing', (ctx) => {
      ctx.status = 204;
    });
    return [router.routes() as Middleware, router.allowedMethods() as Middleware];
  });

describe('a fault of the family', () => {
  test.each([
    ['malformed', 400],
    ['invalid-input', 422],
    ['not-signed-in', 401],
    ['not-allowed', 403],
    ['not-found', 404],
    ['conflict', 409],
    ['too-large', 413],
    ['too-many', 429],
    ['queue-full', 503],
    ['database-busy', 503],
    ['consent-needed', 409],
    ['refreshing', 503],
  ])('%s is a problem with status %i, and no line in the log', async (code, status) => {
    await using server = await serving();

    const reply = await server.ask(`/thrown/${code}`);

    expect(reply).toMatchObject({
      status,
      headers: { 'content-type': 'application/problem+json', 'callbook-problem': code },
    });
    expect(JSON.parse(reply.text)).toMatchObject({
      type: `/problems/${code}`,
      status,
      detail: (THROWN[code] as Error).message,
      instance: `/thrown/${code}`,
    });
    expect(server.lines).toEqual([]);
  });

  test('names its fields', async () => {
    await using server = await serving();

    expect(JSON.parse((await server.ask('/thrown/invalid-input')).text)).toMatchObject({
      errors: [{ pointer: '/baseUrl', detail: 'Give a URL.' }],
    });
  });

  test('tells its facts, but none that stands for something else', async () => {
    await using server = await serving();

    expect(JSON.parse((await server.ask('/thrown/consent-needed')).text)).toMatchObject({
      connection: 'partner',
      status: 409,
      type: '/problems/consent-needed',
    });
  });

  test('says when to come back, in whole seconds', async () => {
    await using server = await serving();

    expect((await server.ask('/thrown/too-many')).headers['retry-after']).toBe('62');
    expect((await server.ask('/thrown/queue-full')).headers['retry-after']).toBe('1');
    expect((await server.ask('/thrown/conflict')).headers['retry-after']).toBeUndefined();
  });

  test('keeps nothing of the answer that was under way', async () => {
    await using server = await serving();

    const { headers } = await server.ask('/thrown/conflict');

    expect(headers).not.toHaveProperty('etag');
    expect(headers).not.toHaveProperty('content-disposition');
    expect(headers['x-content-type-options']).toBe('nosniff');
  });
});

describe('a fault nobody foresaw', () => {
  test.each(['foreign', 'text'])('(%s) shows an id that is in the log, and nothing of itself', async (name) => {
    await using server = await serving();

    const reply = await server.ask(`/thrown/${name}`);

    const problem = JSON.parse(reply.text) as { id: string };
    expect(reply.status).toBe(500);
    expect(problem).toMatchObject({ type: '/problems/unexpected', id: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    expect(reply.text).not.toContain('hunter2');
    expect(server.lines).toEqual([['error', { id: problem.id, error: THROWN[name] }, expect.any(String)]]);
  });

  test('keeps its words to itself even where a library would show them', async () => {
    await using server = await serving();

    const reply = await server.ask('/thrown/exposed');

    expect(reply.status).toBe(400);
    expect(reply.text).not.toContain('hunter2');
  });
});

describe('whoever asks', () => {
  test.each([
    ['text/html,application/xhtml+xml,*/*;q=0.8', '/thrown/conflict', 'text/html; charset=utf-8'],
    ['*/*', '/thrown/conflict', 'application/problem+json'],
    ['application/json', '/thrown/conflict', 'application/problem+json'],
    ['text/html', '/api/v1/nowhere', 'application/problem+json'],
    ['text/html', '/_token_refresh', 'application/problem+json'],
    ['text/html', '/proxy/partner/x', 'application/problem+json'],
  ])('for %s at %s gets %s', async (accept, path, type) => {
    await using server = await serving();

    expect((await server.ask(path, { headers: { accept } })).headers['content-type']).toBe(type);
  });

  test('sees the id on the page too', async () => {
    await using server = await serving();

    const { text } = await server.ask('/thrown/foreign', { headers: { accept: 'text/html' } });

    expect(text).toContain(String(server.lines[0]?.[1].id));
  });
});

describe('an address', () => {
  test('that nothing answers is not found', async () => {
    await using server = await serving();

    expect(await server.ask('/nowhere')).toMatchObject({ status: 404, headers: { 'callbook-problem': 'not-found' } });
  });

  test.each(['DELETE', 'POST', 'PROPFIND'])('refuses %s, and says what it takes', async (method) => {
    await using server = await serving();

    expect(await server.ask('/thing', { method })).toMatchObject({
      status: 405,
      headers: { allow: 'HEAD, GET, PUT', 'callbook-problem': 'method-not-allowed' },
    });
  });

  test('that answers with nothing is left as it is', async () => {
    await using server = await serving();

    expect((await server.ask('/thing', { method: 'PUT' })).status).toBe(204);
  });
});
