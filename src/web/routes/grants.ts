import { Router } from '@koa/router';
import { z } from 'zod';
import type { Clock } from '../../kernel/clock.ts';
import type { Connector } from '../../services/connections/connector.ts';
import type { MetadataWatch } from '../../services/connections/metadata-watch.ts';
import type { GrantLife } from '../../services/grants/grant-life.ts';
import type { Introspector } from '../../services/grants/introspector.ts';
import { cursorOf, nextPage } from '../api/schemas/list.ts';
import { actorOf, formOf } from '../context.ts';
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
  readonly connector: Connector;
  readonly metadataWatch: MetadataWatch;
  readonly render: Render;
}

/** Which endpoint was refused: the issuer may have named another one since. */
const refusalForm = z.object({ csrf: z.string().optional(), tokenUrl: z.string().max(2048) });

/** Where a page of attempts goes on: after the attempt of this time and id. */
const attemptQuery = z.object({ cursor: cursorOf(z.tuple([z.int().min(0).max(8.64e15), z.uuid()])) });

/** The life of a grant on one page, and asking its provider whether the access token is good. */
export function grantRoutes({ clock, life, introspector, connector, metadataWatch, render }: Parts): Router {
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

  router.post('/connections/:slug/grant/endpoint-refusals', requireRole('owner'), async (ctx) => {
    const { id, slug } = await connector.find(String(ctx.params.slug));
    const { tokenUrl } = readForm(refusalForm, formOf(ctx));
    await metadataWatch.keepOurs(actorOf(ctx), id, tokenUrl);
    seeOther(ctx, `/connections/${slug}/grant`);
  });

  return router;
}
