import { Router } from '@koa/router';
import type { Context, Middleware } from 'koa';
import { MethodNotAllowed } from '../errors.ts';
import { requireRole } from '../middleware/gate.ts';
import { type Declaration, OCTETS, type Operation, type PlainAnswer } from './operation.ts';
import { readAsked } from './reading.ts';

interface Parts {
  /** Gives whoever asks a number of calls in flight; operations that send calls go through it. */
  readonly places: Middleware;
}

const NO_NEXT = () => Promise.resolve();

/**
 * Routes of the operations, by their declarations alone. HEAD is answered as GET is, OPTIONS with 204 and `Allow`, and
 * any other method of a known path throws `MethodNotAllowed`.
 */
export function apiRoutes(operations: readonly Operation[], { places }: Parts): Router {
  const router = new Router({ strict: true, sensitive: true });
  const byPath = [...Map.groupBy(operations, ({ declared }) => declared.path)];
  for (const [path, ofPath] of byPath.toSorted(([one], [other]) => openings(one) - openings(other))) {
    const allowed = methodsOf(ofPath);
    router.all(path.replaceAll(/\{(\w+)\}/g, ':$1'), async (ctx) => {
      const wanted = ctx.method === 'HEAD' ? 'get' : ctx.method.toLowerCase();
      const operation = ofPath.find(({ declared }) => declared.method === wanted);
      if (operation) return perform(operation, ctx, places);
      ctx.set('Allow', allowed);
      if (ctx.method !== 'OPTIONS')
        throw new MethodNotAllowed(`${ctx.method} is not for this address. It takes ${allowed}.`);
      ctx.status = 204;
    });
  }
  return router;
}

/** A word of its own goes before a parameter that would take it: `/exchanges/imports` before `/exchanges/{id}`. */
function openings(path: string): number {
  return path.split('{').length;
}

function methodsOf(operations: readonly Operation[]): string {
  const methods = operations.map(({ declared }) => declared.method.toUpperCase());
  return [...(methods.includes('GET') ? ['HEAD'] : []), ...methods, 'OPTIONS'].join(', ');
}

async function perform({ declared, run }: Operation, ctx: Context, places: Middleware): Promise<void> {
  if (declared.role) await requireRole(declared.role)(ctx, NO_NEXT);
  const asked = readAsked(declared, ctx, ctx.params as Record<string, string>);
  const answer = async () => write(ctx, declared, await run(asked));
  await (declared.sendsCalls ? places(ctx, answer) : answer());
}

function write(ctx: Context, { replies }: Declaration, { status, headers, body }: PlainAnswer): void {
  ctx.status = status;
  if (headers) ctx.set({ ...headers });
  if (body === undefined || isKnown(ctx, status, headers)) return;
  const reply = replies[status];
  ctx.body = body;
  ctx.type = reply?.mediaType ?? (reply?.body === OCTETS ? 'application/octet-stream' : 'application/json');
}

/**
 * True where the client has this very state already (RFC 9110, section 13.1.2); answers 304 then. Koa's `fresh` would
 * not do: it gives way to the `Cache-Control: no-cache` that `fetch` adds by itself.
 */
function isKnown(ctx: Context, status: number, headers: PlainAnswer['headers']): boolean {
  const tags = ctx.get('If-None-Match').split(',');
  const isListed = tags.some((tag) => tag.trim().replace(/^W\//, '') === headers?.ETag);
  if (status !== 200 || headers?.ETag === undefined || !isListed) return false;
  ctx.status = 304;
  return true;
}
