import { Router } from '@koa/router';
import { z } from 'zod';
import type { Clock } from '../../kernel/clock.ts';
import type { GrantLife } from '../../services/grants/grant-life.ts';
import type { Introspector } from '../../services/grants/introspector.ts';
import { cursorOf, nextPage } from '../api/schemas/list.ts';
import { actorOf } from '../context.ts';
import { cursorParts } from '../forms/history-query.ts';
import { readForm } from '../forms/read-form.ts';
import { requireRole } from '../middleware/gate.ts';
import { grantPage } from '../presenters/grant-page.ts';
import { seeOther } from '../redirect.ts';
import type { Render } from '../render.ts';

interface Parts {
  readonly clock: Clock;
  readonly life: GrantLife;
  readonly introspector: Introspector;
  readonly render: Render;
}

/** Where a page of attempts goes on: after the attempt of this time and id. */
const attemptQuery = z.object({ cursor: cursorOf(z.tuple([z.int().min(0).max(8.64e15), z.uuid()])) });

/** The life of a grant on one page, and asking its provider whether the access token is good. */
export function grantRoutes({ clock, life, introspector, render }: Parts): Router {
  const router = new Router();

  router.get('/connections/:slug/grant', requireRole('viewer'), async (ctx) => {
    const slug = String(ctx.params.slug);
    const { cursor: text, introspection: id } = ctx.query;
    const actor = actorOf(ctx);
    const { cursor } = readForm(attemptQuery, typeof text === 'string' && text !== '' ? { cursor: text } : {});
    const told = await life.tell(actor, slug, cursor ? { startedAt: new Date(cursor[0]), id: cursor[1] } : null);
    const introspection =
      typeof id === 'string' && actor.role !== 'viewer' ? await introspector.told(told.facts.connectionId, id) : null;
    const next = nextPage(`/connections/${slug}/grant`, cursorParts(told.older));
    const older = next && `${next}#attempts`;
    const parts = { life: told, role: actor.role, introspection, older, isFirst: !cursor };
    await render(ctx, 'connections/grant', grantPage(parts, clock.now()));
  });

  router.post('/connections/:slug/grant/introspections', requireRole('editor'), async (ctx) => {
    const slug = String(ctx.params.slug);
    seeOther(ctx, `/connections/${slug}/grant?introspection=${await introspector.introspect(actorOf(ctx), slug)}`);
  });

  return router;
}
