import { Router } from '@koa/router';
import type { Clock } from '../../kernel/clock.ts';
import type { Connector } from '../../services/connections/connector.ts';
import type { DeviceConsents } from '../../services/connections/device-consents.ts';
import type { GrantTeller } from '../../services/grants/grant-teller.ts';
import { actorOf, personOf } from '../context.ts';
import { requireRole } from '../middleware/gate.ts';
import { deviceFailedPage, devicePage, deviceStartPage, deviceState } from '../presenters/device-page.ts';
import { seeOther } from '../redirect.ts';
import type { Render } from '../render.ts';

interface Parts {
  readonly clock: Clock;
  readonly connector: Connector;
  readonly devices: DeviceConsents;
  readonly teller: GrantTeller;
  readonly render: Render;
}

/**
 * Consent on another device: a page that says what will happen, a POST that asks for a code, the page that shows it and
 * follows how it goes, and what that page's script asks. Whoever sees the code can consent: for editors.
 */
export function deviceConsentRoutes({ clock, connector, devices, teller, render }: Parts): Router {
  const router = new Router();
  const editor = requireRole('editor');

  router.get('/connections/:slug/device', editor, async (ctx) => {
    const connection = await connector.find(String(ctx.params.slug));
    const telling = await teller.tell(actorOf(ctx).workspaceId, connection.slug);
    const waiting = await devices.waiting(connection.id);
    await render(ctx, 'devices/new', deviceStartPage(connection, telling, waiting, clock.now()));
  });

  router.post('/connections/:slug/devices', editor, async (ctx) => {
    const connection = await connector.find(String(ctx.params.slug));
    const start = await devices.begin(personOf(ctx), connection.slug);
    if (start.kind === 'started') return seeOther(ctx, `/connections/${connection.slug}/devices/${start.id}`);
    ctx.status = 422;
    await render(ctx, 'devices/failed', deviceFailedPage(connection, start.detail, start.code));
  });

  router.get('/connections/:slug/devices/:id', editor, async (ctx) => {
    const connection = await connector.find(String(ctx.params.slug));
    const telling = await devices.find(personOf(ctx), connection.slug, String(ctx.params.id));
    await render(ctx, 'devices/show', devicePage(connection, telling, clock.now()));
  });

  router.get('/connections/:slug/devices/:id/state', editor, async (ctx) => {
    const telling = await devices.find(personOf(ctx), String(ctx.params.slug), String(ctx.params.id));
    ctx.body = deviceState(telling, clock.now());
  });

  router.post('/connections/:slug/devices/:id/deletion', editor, async (ctx) => {
    const slug = String(ctx.params.slug);
    await devices.stop(personOf(ctx), slug, String(ctx.params.id));
    seeOther(ctx, `/connections/${slug}`);
  });

  return router;
}
