import { Router } from '@koa/router';
import type { Context, Middleware } from 'koa';
import type { Clock } from '../../kernel/clock.ts';
import { AppError, type FieldFault, InvalidInput, NotFound } from '../../kernel/errors.ts';
import type { Connector } from '../../services/connections/connector.ts';
import type { ExchangeHistory } from '../../services/exchanges/exchange-history.ts';
import type { RequestSender } from '../../services/exchanges/request-sender.ts';
import type { GrantTeller } from '../../services/grants/grant-teller.ts';
import { actorOf, formOf, wantsPage } from '../context.ts';
import { composerValues, contentChoiceOf, readComposerForm } from '../forms/composer-form.ts';
import { requireRole } from '../middleware/gate.ts';
import { INLINE_BYTES } from '../presenters/body-view.ts';
import type { ComposerValues } from '../presenters/composer.ts';
import { composerPrefill } from '../presenters/composer-prefill.ts';
import { connectionPage } from '../presenters/connection-page.ts';
import { faultsByField } from '../presenters/field-faults.ts';
import { statusOf } from '../problem-details.ts';
import { seeOther } from '../redirect.ts';
import type { Render } from '../render.ts';

const RECENT = 10;
const FIELDS = ['method', 'path', 'headers', 'body'];

interface Parts {
  readonly clock: Clock;
  readonly connector: Connector;
  readonly teller: GrantTeller;
  readonly history: ExchangeHistory;
  readonly sender: RequestSender;
  readonly places: Middleware;
  readonly render: Render;
}

/** What was typed and why it was not sent. */
interface Refused {
  readonly values: ComposerValues;
  readonly faults: readonly FieldFault[];
  readonly refusal: string | null;
}

/** One connection at work: its grant, the composer with the answer beside it, what happened lately. */
export function workbenchRoutes({ clock, connector, teller, history, sender, places, render }: Parts): Router {
  const router = new Router();

  async function show(ctx: Context, refused: Refused | null): Promise<void> {
    const { workspaceId, role } = actorOf(ctx);
    const connection = await connector.find(String(ctx.params.slug));
    const telling = await teller.tell(workspaceId, connection.slug);
    const recent = await history.latest(workspaceId, { kind: 'call', connectionId: connection.id }, RECENT);
    const answer = refused ? null : await answerOf(ctx, connection.id);
    const opened = answer && composerPrefill({ connection, ...answer, choiceOf: contentChoiceOf });
    const prefill = refused?.values ?? opened?.values ?? null;
    const errors = faultsByField(refused?.faults ?? opened?.faults ?? [], FIELDS);
    const refusal = refused?.refusal ?? errors[''] ?? null;
    const parts = { connection, telling, recent, role, prefill, errors, answer, refusal };
    await render(ctx, 'connections/show', connectionPage(parts, clock.now()));
  }

  /** The exchange that the address names, if it is one of this connection's. */
  async function answerOf(ctx: Context, connectionId: string) {
    const id = ctx.query.exchange;
    if (typeof id !== 'string') return null;
    const { exchange, requestBody, responseBody } = await history.show(id, { response: INLINE_BYTES });
    if (exchange.connectionId !== connectionId) throw new NotFound('exchange', id);
    return { exchange, requestBytes: requestBody, responseBytes: responseBody };
  }

  router.get('/connections/:slug', requireRole('viewer'), (ctx) => show(ctx, null));

  router.post('/connections/:slug/exchanges', requireRole('editor'), places, async (ctx) => {
    const slug = String(ctx.params.slug);
    try {
      const id = await sender.send(actorOf(ctx), slug, readComposerForm(formOf(ctx)));
      seeOther(ctx, `/connections/${slug}?exchange=${id}`);
    } catch (error) {
      if (!(error instanceof AppError) || error instanceof NotFound || !wantsPage(ctx)) throw error;
      const faults = error instanceof InvalidInput ? error.errors : [];
      ctx.status = statusOf(error);
      await show(ctx, {
        values: composerValues(formOf(ctx)),
        faults,
        refusal: faults.length > 0 ? null : error.message,
      }).catch(() => {
        // What became of the call matters more than the page around it.
        throw error;
      });
    }
  });

  router.post('/connections/:slug/grant/renewals', requireRole('editor'), async (ctx) => {
    const { slug } = await connector.find(String(ctx.params.slug));
    await teller.refresh(actorOf(ctx).workspaceId, slug, true);
    const isFromGrant = formOf(ctx)['back'] === 'grant';
    seeOther(ctx, isFromGrant ? `/connections/${slug}/grant` : `/connections/${slug}`);
  });

  return router;
}
