import type { Context, Middleware } from 'koa';
import type { Logger, MaskText } from '../../kernel/logger.ts';
import { factsOf, isForRelay } from '../context.ts';

interface Parts {
  readonly logger: Logger;
  /** Takes secrets out of a path with its query. */
  readonly maskPath: MaskText;
}

/** Writes one line a request, when its answer is ready. Mount it around `problemDetails`, so that the status is final. */
export function requestLog({ logger, maskPath }: Parts): Middleware {
  return async function requestLog(ctx, next) {
    const { id, startedAt } = factsOf(ctx);
    await next();
    const milliseconds = Math.round((performance.now() - startedAt) * 10) / 10;
    const path = maskPath(isQueryOurs(ctx) ? ctx.originalUrl : ctx.path);
    logger.info({ id, method: ctx.method, path, status: ctx.status, ms: milliseconds }, 'A request was answered.');
  };
}

/** A query that is for an API, or was refused, may hold a secret under any name; what was relayed is on record, masked. */
function isQueryOurs(ctx: Context): boolean {
  return !isForRelay(ctx.path) && ctx.status !== 422;
}
