import type { Middleware } from 'koa';
import { TooMany } from '../../kernel/errors.ts';
import type { Asker } from '../../kernel/role.ts';
import { actorOf } from '../context.ts';

const SECONDS = 1;

interface Parts {
  /** Calls that one person or program may have in flight. */
  readonly most: number;
}

/**
 * Gives every person and every program a number of places for calls in flight, so that one cannot take them all. Make it
 * once, and put it on each route that sends calls, after `requireRole`. Throws `TooMany`, before anything is sent.
 */
export function callPlaces({ most }: Parts): Middleware {
  const taken = new Map<string, number>();
  return async function callPlaces(ctx, next) {
    const who = holderOf(actorOf(ctx));
    const before = taken.get(who) ?? 0;
    if (before >= most)
      throw new TooMany(`At most ${most} calls of yours may be in flight. Nothing was sent.`, SECONDS);
    taken.set(who, before + 1);
    try {
      return await next();
    } finally {
      const left = (taken.get(who) ?? 1) - 1;
      if (left > 0) taken.set(who, left);
      else taken.delete(who);
    }
  };
}

function holderOf(asker: Asker): string {
  return asker.by === 'sign-in' ? `person ${asker.userId}` : `program ${asker.keyId}`;
}
