import { Router } from '@koa/router';
import { z } from 'zod';
import { UnsupportedMediaType } from '../errors.ts';
import type { GrantTeller } from '../../services/grants/grant-teller.ts';
import { actorOf, factsOf } from '../context.ts';
import { readForm } from '../forms/read-form.ts';
import { requireRole } from '../middleware/gate.ts';
import { tokenRefresh } from '../presenters/token-refresh.ts';

const renewal = z.strictObject({
  connection: z.string('Name the connection by its slug.').min(1, 'Name the connection by its slug.'),
});

/**
 * `/_token_refresh`: what every open page asks to keep its countdown right. GET makes sure that a grant is fresh (or
 * tells of all of them, renewing none), POST renews even a fresh one. Never a token in any answer.
 */
export function tokenRefreshRoutes({ teller }: { readonly teller: GrantTeller }): Router {
  const router = new Router();

  router.get('/_token_refresh', requireRole('viewer'), async (ctx) => {
    const { workspaceId } = actorOf(ctx);
    const { connection } = ctx.query;
    if (connection === undefined) {
      const tellings = await teller.tellAll(workspaceId);
      ctx.body = { items: tellings.map((telling) => tokenRefresh(telling, false)) };
      return;
    }
    const { telling, refreshed } = await teller.refresh(workspaceId, String(connection), false);
    ctx.body = tokenRefresh(telling, refreshed);
  });

  router.post('/_token_refresh', requireRole('editor'), async (ctx) => {
    const { body } = factsOf(ctx);
    if (body.kind !== 'json') throw new UnsupportedMediaType('Send JSON, such as {"connection": "partner"}.');
    const { connection } = readForm(renewal, body.value);
    const { telling, refreshed } = await teller.refresh(actorOf(ctx).workspaceId, connection, true);
    ctx.body = tokenRefresh(telling, refreshed);
  });

  return router;
}
