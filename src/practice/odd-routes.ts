import { once } from 'node:events';
import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import type { Router } from '@koa/router';
import type { Context } from 'koa';
import getRawBody from 'raw-body';

const MAX_MS = 120_000;
const MAX_BYTES = 256 * 1024 * 1024;
const ECHO_LIMIT = '1mb';
const LINE = 'The practice API fills this line, and the next one, and so on to the end.\n';

/** Routes to practise on: one is slow, one fails every third time, one is large, one says what it got. */
export function addOddRoutes(router: Router): void {
  let calls = 0;

  router.get('/slow', async (ctx) => {
    const ms = numberOf(ctx, 'ms', 2000, MAX_MS);
    await waitOrGone(ctx, ms);
    ctx.body = { waited: ms };
  });
  router.all('/flaky', (ctx) => {
    calls += 1;
    ctx.status = calls % 3 === 0 ? 503 : 200;
    if (ctx.status === 503) ctx.set('retry-after', '1');
    ctx.body = { call: calls, message: ctx.status === 503 ? 'Every third call fails.' : 'This one went well.' };
  });
  router.get('/large', (ctx) => {
    const bytes = numberOf(ctx, 'bytes', 1024 * 1024, MAX_BYTES);
    ctx.type = 'text/plain';
    ctx.body = Readable.from(lines(bytes), { objectMode: false });
    ctx.length = bytes;
  });
  router.all('/echo', async (ctx) => {
    const body = await getRawBody(ctx.req, { limit: ECHO_LIMIT });
    const { rawHeaders } = ctx.req;
    const headers = Array.from({ length: rawHeaders.length / 2 }, (_, at) => rawHeaders.slice(at * 2, at * 2 + 2));
    ctx.body = { method: ctx.method, path: ctx.path, query: ctx.querystring, headers, body: body.toString() };
  });
}

/** A whole number of the query between 0 and `most`, or `usual` where there is none. */
function numberOf(ctx: Context, name: string, usual: number, most: number): number {
  const text = ctx.query[name];
  return typeof text === 'string' && /^\d{1,12}$/.test(text) ? Math.min(Number(text), most) : usual;
}

/** Waits, but for nobody: it ends when the caller has gone. */
async function waitOrGone(ctx: Context, ms: number): Promise<void> {
  const enough = new AbortController();
  const { signal } = enough;
  try {
    await Promise.race([wait(ms, undefined, { signal }), once(ctx.res, 'close', { signal })]);
  } finally {
    enough.abort();
  }
}

function* lines(bytes: number): Generator<Buffer> {
  const block = Buffer.from(LINE.repeat(Math.ceil((64 * 1024) / LINE.length)));
  for (let left = bytes; left > 0; left -= block.length) yield left >= block.length ? block : block.subarray(0, left);
}
