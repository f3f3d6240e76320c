import { Router } from '@koa/router';
import type { Context } from 'koa';
import type { Clock } from '../../kernel/clock.ts';
import type { Connector } from '../../services/connections/connector.ts';
import type { ConsentEnd } from '../../services/connections/consent-end.ts';
import type { Consents } from '../../services/connections/consents.ts';
import type { GrantTeller } from '../../services/grants/grant-teller.ts';
import type { ConsentCookie } from '../consent-cookie.ts';
import { personOf } from '../context.ts';
import { requireRole } from '../middleware/gate.ts';
import { consentContinuePage, consentFailedPage, consentPage } from '../presenters/consent-page.ts';
import { seeOther } from '../redirect.ts';
import type { Render } from '../render.ts';

type ConsentFailure = Extract<ConsentEnd, { kind: 'failed' }>;

interface Parts {
  readonly clock: Clock;
  readonly connector: Connector;
  readonly consents: Consents;
  readonly teller: GrantTeller;
  readonly cookie: ConsentCookie;
  readonly redirectUri: () => string;
  readonly render: Render;
}

/**
 * Consent: a page that says what will happen, a POST that begins it, a page that leads to the provider (a form may not
 * be redirected there, see `form-action`), and the callback.
 */
export function consentRoutes({ clock, connector, consents, teller, cookie, redirectUri, render }: Parts): Router {
  const router = new Router();

  async function showFailure(ctx: Context, { slug, detail, code }: ConsentFailure): Promise<void> {
    const connection = slug === null ? null : await connector.find(slug);
    ctx.status = 422;
    await render(ctx, 'consent/failed', consentFailedPage(connection, detail, code));
  }

  router.get('/connections/:slug/consent', requireRole('editor'), async (ctx) => {
    const { workspaceId, role } = personOf(ctx);
    const connection = await connector.find(String(ctx.params.slug));
    const telling = await teller.tell(workspaceId, connection.slug);
    await render(ctx, 'consent/new', consentPage(connection, telling, role, redirectUri(), clock.now()));
  });

  router.post('/connections/:slug/consents', requireRole('editor'), async (ctx) => {
    const slug = String(ctx.params.slug);
    const beginning = await consents.begin(personOf(ctx), slug);
    if (beginning.kind === 'failed') return showFailure(ctx, beginning);
    const label = cookie.write(ctx, beginning.state, beginning.expiresAt);
    seeOther(ctx, `/connections/${slug}/consents/${label}`);
  });

  router.get('/connections/:slug/consents/:label', requireRole('editor'), async (ctx) => {
    const connection = await connector.find(String(ctx.params.slug));
    const state = cookie.read(ctx, String(ctx.params.label)) ?? '';
    const url = await consents.authorization(personOf(ctx), connection.slug, state);
    await render(ctx, 'consent/continue', consentContinuePage(connection, url));
  });

  router.get('/consent/callback', requireRole('editor'), async (ctx) => {
    const params = new URLSearchParams(ctx.querystring);
    const label = cookie.labelOf(params.get('state') ?? '');
    const end = await consents.end(personOf(ctx), params, cookie.read(ctx, label));
    cookie.clear(ctx, label);
    if (end.kind === 'granted') return seeOther(ctx, `/connections/${end.slug}`);
    await showFailure(ctx, end);
  });

  return router;
}
