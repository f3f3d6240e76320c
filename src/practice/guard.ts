import type { Middleware } from 'koa';
import type { Logger } from '../kernel/logger.ts';
import type { StateFile } from './state-file.ts';

/**
 * Answers under its own names only, so that no page elsewhere can reach it by a name that it made up, and makes every
 * address from the issuer, whatever the caller wrote.
 */
export function underOwnName(issuer: string, listening: string): Middleware {
  const own = new URL(issuer);
  const names = new Set([own.host, new URL(listening).host]);
  return async function ownName(ctx, next) {
    if (!names.has(ctx.req.headers.host ?? '')) {
      ctx.status = 421;
      ctx.body = { error: 'misdirected', message: `The practice API answers at ${issuer} only.` };
      return;
    }
    ctx.req.headers['x-forwarded-host'] = own.host;
    ctx.req.headers['x-forwarded-proto'] = own.protocol.slice(0, -1);
    await next();
  };
}

/** Holds every answer back until what it rests on is on disk: a token that is lost in a crash was never given out. */
export function keptFirst(file: StateFile, logger: Logger): Middleware {
  return async function kept(_ctx, next) {
    await next();
    await file.flush().catch((error: Error) => {
      logger.error({ error: error.message }, 'The practice API cannot write its state. It goes on in memory.');
    });
  };
}
