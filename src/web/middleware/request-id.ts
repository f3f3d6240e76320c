import type { Middleware } from 'koa';
import type { NewId } from '../../kernel/ids.ts';
import { openFacts } from '../context.ts';

interface Parts {
  readonly newId: NewId;
}

/** Gives each request its id and the place where middleware leaves its facts. Mount it first. */
export function requestId({ newId }: Parts): Middleware {
  return async function requestId(ctx, next) {
    openFacts(ctx, newId());
    await next();
  };
}
