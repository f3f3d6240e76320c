import { Router } from '@koa/router';

interface Parts {
  /** True while requests can be served: the database answers and no stop is under way. */
  readonly ready: () => Promise<boolean>;
}

/** What supervisors ask: `/healthz` whether the process runs, `/readyz` whether it should get requests. */
export function healthRoutes({ ready }: Parts): Router {
  const router = new Router();

  router.get('/healthz', (ctx) => {
    ctx.body = { status: 'ok' };
  });

  router.get('/readyz', async (ctx) => {
    const isReady = await ready().catch(() => false);
    ctx.status = isReady ? 200 : 503;
    ctx.body = { status: isReady ? 'ready' : 'not-ready' };
  });

  return router;
}
