import { Router } from '@koa/router';
import type { Connector } from '../../services/connections/connector.ts';
import type { Revoker } from '../../services/grants/revoker.ts';
import { actorOf } from '../context.ts';
import { requireRole } from '../middleware/gate.ts';
import { disconnectPage } from '../presenters/connection-page.ts';
import { seeOther } from '../redirect.ts';
import type { Render } from '../render.ts';

interface Parts {
  readonly connector: Connector;
  readonly revoker: Revoker;
  readonly render: Render;
}

/** Giving a grant back: a page that asks, and what does it. */
export function revocationRoutes({ connector, revoker, render }: Parts): Router {
  const router = new Router();
  const owner = requireRole('owner');

  router.get('/connections/:slug/grant/revocation', owner, async (ctx) => {
    await render(ctx, 'connections/disconnect', disconnectPage(await connector.find(String(ctx.params.slug))));
  });

  router.post('/connections/:slug/grant/revocation', owner, async (ctx) => {
    const { slug } = await revoker.revoke(actorOf(ctx), String(ctx.params.slug));
    seeOther(ctx, `/connections/${slug}`);
  });

  return router;
}
