import { Router } from '@koa/router';
import type { Context, Middleware } from 'koa';
import type { Connector } from '../../services/connections/connector.ts';
import type { Discovery } from '../../services/connections/discovery.ts';
import { actorOf, formOf } from '../context.ts';
import { discoveredForm } from '../forms/discovered-form.ts';
import { orFormAgain } from '../forms/form-again.ts';
import { requireRole } from '../middleware/gate.ts';
import { typedValues } from '../presenters/connection-values.ts';
import { discoveredSettings } from '../presenters/discovered-settings.ts';
import { seeOther } from '../redirect.ts';
import type { ConnectionForms, ShownForm } from './connection-forms.ts';

interface Parts {
  readonly connector: Connector;
  readonly discovery: Discovery;
  readonly forms: ConnectionForms;
  readonly places: Middleware;
}

/** Asks an issuer what it offers and shows the form again, filled in. Nothing is kept; secrets are typed after it. */
export function discoveryRoutes({ connector, discovery, forms, places }: Parts): Router {
  const router = new Router();
  const editor = requireRole('editor');

  async function discover(ctx: Context, show: (shown: ShownForm) => Promise<void>): Promise<void> {
    const form = formOf(ctx);
    await orFormAgain(
      ctx,
      async () => {
        const suggested = await discovery.suggest(actorOf(ctx), {
          issuer: form.issuer ?? '',
          clientAuthentication: form.clientAuthentication ?? '',
          certificateAuthorities: form.certificateAuthorities?.trim() || null,
        });
        const discovered = discoveredSettings(suggested, form);
        await show({ values: typedValues(discoveredForm(form, suggested)), beside: { discovered } });
      },
      (faults) => show({ faults }),
    );
  }

  // No slug is `new`.
  router.post('/connections/new/discoveries', editor, places, (ctx) =>
    discover(ctx, (shown) => forms.showNew(ctx, shown)),
  );

  router.post('/connections/:slug/discoveries', editor, places, async (ctx) => {
    const connection = await connector.find(String(ctx.params.slug));
    await discover(ctx, (shown) => forms.showEdit(ctx, connection, shown));
  });

  // Reloading the page that came of it asks for this.
  router.get('/connections/:slug/discoveries', editor, async (ctx) => {
    const slug = String(ctx.params.slug);
    seeOther(ctx, slug === 'new' ? '/connections/new' : `/connections/${(await connector.find(slug)).slug}/edit`);
  });

  return router;
}
