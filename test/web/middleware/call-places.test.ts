import { describe, expect, test } from '@jest/globals';
import { type Asker } from '../../../src/kernel/role.ts';
import { factsOf } from '../../../src/web/context.ts';
import { callPlaces } from '../../../src/web/middleware/call-places.ts';
import { type Reply, serve } from './serving.ts';

const here = { workspaceId: 'w', role: 'editor', name: 'Ada' } as const;
const ASKERS: Readonly<Record<string, Asker>> = {
  ada: { ...here, by: 'sign-in', userId: 'ada', signInId: 'one' },
  'ada elsewhere': { ...here, by: 'sign-in', userId: 'ada', signInId: 'two' },
  eve: { ...here, by: 'sign-in', userId: 'eve', signInId: 'three' },
  key: { ...here, by: 'api-key', keyId: 'ada' },
};

/** Two routes that send calls; each call is in flight until it is let go. */
async function openCalls() {
  const waiting: PromiseWithResolvers<void>[] = [];
  let arrived = Promise.withResolvers<void>();
  const places = callPlaces({ most: 2 });
  const server = await serve(() => [
    async function asker(ctx, next) {
      factsOf(ctx).asker = ASKERS[decodeURIComponent(ctx.path.slice(1))] ?? null;
      await next();
    },
    places,
    async function call(ctx) {
      const flight = Promise.withResolvers<void>();
      waiting.push(flight);
      arrived.resolve();
      arrived = Promise.withResolvers();
      await flight.promise;
      ctx.body = 'sent';
    },
  ]);
  const replies: Promise<Reply>[] = [];
  /** Asks, and resolves with the answer or, when the call is in flight, with null. */
  const ask = (who: string) => {
    const before = arrived.promise.then(() => null);
    const reply = server.ask(`/${encodeURIComponent(who)}`);
    replies.push(reply);
    return { reply, first: Promise.race([before, reply]) };
  };
  return {
    /** The answer to a call that must not fly. */
    ask: (who: string) => ask(who).first,
    /** Asks, and resolves when the call is in flight. */
    async fly(who: string) {
      const { reply, first } = ask(who);
      expect(await first).toBeNull();
      return { reply };
    },
    land: (error?: Error) => (error ? waiting.shift()?.reject(error) : waiting.shift()?.resolve()),
    async [Symbol.asyncDispose]() {
      for (const flight of waiting) flight.resolve();
      await Promise.all(replies);
      await server[Symbol.asyncDispose]();
    },
  };
}

describe('calls in flight', () => {
  test('are so many for one person, from whichever browser, and one more is refused', async () => {
    await using calls = await openCalls();
    await calls.fly('ada');
    await calls.fly('ada elsewhere');

    const reply = await calls.ask('ada');

    expect(reply).toMatchObject({ status: 429, headers: { 'retry-after': '1', 'callbook-problem': 'too-many' } });
  });

  test('of one take no place of another, a key of the same id neither', async () => {
    await using calls = await openCalls();
    await calls.fly('ada');
    await calls.fly('ada');
    await calls.fly('eve');
    await calls.fly('key');
    await calls.fly('key');

    expect((await calls.ask('key'))?.status).toBe(429);
    await calls.fly('eve');
  });

  test.each([
    ['an answer', undefined],
    ['a fault', new Error('The call broke.')],
  ])('give their place back when they end with %s', async (_, error) => {
    await using calls = await openCalls();
    const first = await calls.fly('ada');
    await calls.fly('ada');

    calls.land(error);
    await first.reply;

    await calls.fly('ada');
    expect((await calls.ask('ada'))?.status).toBe(429);
  });

  test('that are refused take no place', async () => {
    await using calls = await openCalls();
    const first = await calls.fly('ada');
    await calls.fly('ada');
    for (let time = 0; time < 5; time += 1) expect((await calls.ask('ada'))?.status).toBe(429);

    calls.land();
    await first.reply;

    await calls.fly('ada');
  });

  test('are for somebody known', async () => {
    await using calls = await openCalls();

    expect((await calls.ask('nobody'))?.status).toBe(401);
  });
});
