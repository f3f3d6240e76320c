import { describe, expect, test } from '@jest/globals';
import { systemClock } from '../../../src/kernel/clock.ts';
import { idsBy } from '../../../src/kernel/ids.ts';
import { requestIdOf } from '../../../src/web/context.ts';
import { requestId } from '../../../src/web/middleware/request-id.ts';
import { requestLog } from '../../../src/web/middleware/request-log.ts';
import { serve } from './serving.ts';

describe('a request', () => {
  test('leaves one line with its id, method, masked path, status and time', async () => {
    let id = '';
    await using server = await serve(({ logger }) => [
      requestLog({ logger, maskPath: (path) => path.replace('hunter2', '*redacted*') }),
      async function answers(ctx) {
        id = requestIdOf(ctx);
        ctx.status = 201;
        ctx.body = 'made';
      },
    ]);

    await server.ask('/consent/callback?code=hunter2', { method: 'POST' });

    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(server.lines).toEqual([
      [
        'info',
        { id, method: 'POST', path: '/consent/callback?code=*redacted*', status: 201, ms: expect.any(Number) },
        expect.any(String),
      ],
    ]);
  });

  test.each([
    ['for the relay', '/proxy/partner/orders', 200],
    ['that was refused', '/api/v1/exchanges', 422],
  ])('%s leaves no query behind, whatever its names', async (_what, path, status) => {
    await using server = await serve(({ logger }) => [
      requestLog({ logger, maskPath: (whole) => whole }),
      async function answers(ctx) {
        ctx.status = status;
        ctx.body = '';
      },
    ]);

    await server.ask(`${path}?who=hunter2`);

    expect(server.lines[0]?.[1]).toMatchObject({ path, status });
  });

  test('has an id that no other has', async () => {
    await using server = await serve(() => [
      requestId({ newId: idsBy(systemClock) }),
      async function answers(ctx) {
        ctx.body = requestIdOf(ctx);
      },
    ]);

    const ids = await Promise.all(Array.from({ length: 20 }, () => server.ask('/')));

    expect(new Set(ids.map(({ text }) => text)).size).toBe(20);
  });
});
