import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { MikroORM, RequestContext } from '@mikro-orm/core';
import { type EntityManager, SqliteDriver } from '@mikro-orm/sqlite';
import Koa, { type Context, type Middleware } from 'koa';
import { session } from '../src/db/session.ts';
import { withSystem } from '../src/db/system.ts';
import { entities } from '../src/model/entities.ts';
import { Exchange } from '../src/model/exchange.ts';
import { Meta } from '../src/model/meta.ts';
import { requestIdOf } from '../src/web/context.ts';
import { openApi } from './support/api.ts';
import { openApp } from './support/app.ts';
import type { Client } from './support/client.ts';
import { openProvider } from './support/provider.ts';

const REQUESTS = 1_000;

/** What a request's leftovers came to: written rows, or refusals by the id of the request. */
interface Touches {
  readonly refused: { readonly request: string; readonly error: Error }[];
  written: number;
}

/**
 * The fault this app grew out of: every request leaves a timer, a stray promise and a `finish` listener behind, and
 * each of them writes through the request's session once the answer is out.
 */
class Leftovers {
  readonly touches: Touches = { refused: [], written: 0 };
  readonly #underway: Promise<void>[] = [];

  /** `here` is the session by context, `own` the very session of this request. */
  leave(ctx: Context, request: string, here: () => EntityManager, own: EntityManager): void {
    const answered = new Promise<void>((resolve) => ctx.res.once('close', resolve));
    const late = (kind: string) => ({ key: `late:${kind}:${request}`, value: request });
    this.#note(
      request,
      answered.then(() => here().insert(Meta, late('promise'))),
    );
    const timer = Promise.withResolvers<unknown>();
    setTimeout(() => timer.resolve(answered.then(() => here().insert(Meta, late('timer')))), 1);
    this.#note(request, timer.promise);
    const finish = Promise.withResolvers<unknown>();
    const touch = async () => own.insert(Meta, late('finish'));
    ctx.res.once('finish', () => finish.resolve(touch()));
    this.#note(request, finish.promise);
  }

  async settled(): Promise<Touches> {
    await Promise.all(this.#underway);
    return this.touches;
  }

  #note(request: string, touch: Promise<unknown>): void {
    this.#underway.push(
      touch.then(
        () => void (this.touches.written += 1),
        (error: Error) => void this.touches.refused.push({ request, error }),
      ),
    );
  }
}

describe('a thousand requests at once, each leaving work behind that touches its session', () => {
  test('cross no session and write nothing late, and every late touch is told the request it came from', async () => {
    const leftovers = new Leftovers();
    const owners = new WeakMap<EntityManager, string>();
    let crossed = 0;
    const watch: Middleware = async (ctx, next) => {
      if (!ctx.get('x-tag')) return next();
      const own = session();
      const request = requestIdOf(ctx);
      if (owners.has(own)) crossed += 1;
      owners.set(own, request);
      leftovers.leave(ctx, request, () => session(), own);
      await next();
      if (session() !== own || owners.get(own) !== request) crossed += 1;
    };
    await using provider = await openProvider();
    await using api = await openApi({ provider });
    await using app = await openApp({ LOG_LEVEL: 'warn', CALL_WIDTH: '32' }, watch);
    const owner = await app.owner();
    const slug = await owner.connect({ provider, apiOrigin: api.origin, width: '32' });
    await owner.told(slug);

    const answers = await Promise.all(Array.from({ length: REQUESTS }, (_, number) => request(owner, slug, number)));
    const { refused, written } = await leftovers.settled();

    expect(answers.filter((answer) => answer !== 'right')).toEqual([]);
    expect(crossed).toBe(0);
    expect(written).toBe(0);
    expect(refused).toHaveLength(3 * REQUESTS);
    expect(
      refused.filter(({ error, request }) => error.name !== 'SessionEnded' || !error.message.includes(request)),
    ).toEqual([]);
    const calls = Array.from({ length: REQUESTS }, (_, number) => number).filter((number) => number % 4 === 1);
    await withSystem(async () => {
      expect(await session.count(Meta, { key: { $like: 'late:%' } })).toBe(0);
      const rows = await session.find(Exchange, { kind: 'call' });
      expect(rows.map(tagsOf).toSorted()).toEqual(calls.map((number) => `${number} ${number}`).toSorted());
    });
  }, 180_000);

  test("do write late under the ORM's own request context, so this test can fail", async () => {
    const leftovers = new Leftovers();
    await using app = await openStockApp(leftovers);

    await Promise.all(
      Array.from({ length: 200 }, (_, number) => fetch(`${app.origin}/${number}`).then((reply) => reply.text())),
    );
    const { written } = await leftovers.settled();

    expect(written).toBeGreaterThan(0);
    expect(await app.lateRows()).toBe(written);
  }, 60_000);
});

/** One of the three things pages do, tagged; tells whether the answer is this request's own. */
async function request(owner: Client, slug: string, number: number): Promise<string> {
  const tag = { 'x-tag': String(number) };
  if (number % 4 === 1) {
    const fields = {
      method: 'POST',
      path: `/orders?tag=${number}`,
      headers: `x-mark: ${number}`,
      body: '{}',
      contentType: 'json',
    };
    const { status, text } = await owner.post(`/connections/${slug}/exchanges`, fields, tag);
    return status === 303 ? 'right' : `call ${number}: ${status} ${text}`;
  }
  if (number % 4 === 2) {
    const { status, text } = await owner.get(`/exchanges?method=POST`, tag);
    return status === 200 ? 'right' : `history ${number}: ${status} ${text}`;
  }
  const { status, text } = await owner.get(`/_token_refresh?connection=${slug}`, tag);
  return status === 200 && text.includes('"state":"fresh"') ? 'right' : `refresh ${number}: ${status} ${text}`;
}

/** The tag in a row's URL and the one among its headers; a row mixed from two requests has two. */
function tagsOf({ url, requestHeaders }: Exchange): string {
  return `${new URL(url).searchParams.get('tag')} ${requestHeaders.find(([name]) => name === 'x-mark')?.[1]}`;
}

/** The same fault on MikroORM as it comes: its driver, its fork for each request. */
async function openStockApp(leftovers: Leftovers) {
  const folder = await mkdtemp(join(tmpdir(), 'callbook-stock-'));
  const orm = await MikroORM.init({ driver: SqliteDriver, dbName: join(folder, 'stock.db'), entities });
  await orm.schema.create();
  const here = () => RequestContext.getEntityManager() as EntityManager;
  const koa = new Koa();
  koa.use((_ctx, next) => RequestContext.create(orm.em, next));
  koa.use(async (ctx) => {
    leftovers.leave(ctx, ctx.path, here, here());
    await here().insert(Meta, { key: ctx.path, value: ctx.path });
    ctx.body = ctx.path;
  });
  const server = koa.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lateRows: () => orm.em.fork().count(Meta, { key: { $like: 'late:%' } }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await orm.close(true);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
