import type { Middleware } from 'koa';
import { withSession } from '../../db/session.ts';
import { askerOf, requestIdOf } from '../context.ts';

/**
 * Gives each request of somebody known a session of its own, bound to their workspace. It returns the promise; mount it
 * after the body is read and before the routes.
 */
export function scopedSession(): Middleware {
  return async function scopedSession(ctx, next) {
    const asker = askerOf(ctx);
    return asker ? withSession(asker.workspaceId, next, { label: requestIdOf(ctx) }) : next();
  };
}
