import { Router } from '@koa/router';
import type { Gatekeeper } from '../../services/gatekeeper.ts';
import { formOf, personOf } from '../context.ts';
import { requireRole } from '../middleware/gate.ts';
import { seeOther } from '../redirect.ts';
import type { SessionCookie } from '../session-cookie.ts';

interface Parts {
  readonly gatekeeper: Gatekeeper;
  readonly cookie: SessionCookie;
}

/** Going from one of one's workspaces to another. */
export function workspaceRoutes({ gatekeeper, cookie }: Parts): Router {
  const router = new Router();

  router.post('/workspace', requireRole('viewer'), async (ctx) => {
    const { workspace = '' } = formOf(ctx);
    const { token, expiresAt } = await gatekeeper.moveTo(personOf(ctx), workspace);
    cookie.write(ctx, token, expiresAt);
    seeOther(ctx, '/');
  });

  return router;
}
