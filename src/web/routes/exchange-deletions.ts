import { Router } from '@koa/router';
import type { Context } from 'koa';
import { z } from 'zod';
import type { Clock } from '../../kernel/clock.ts';
import type { ExchangeHistory } from '../../services/exchanges/exchange-history.ts';
import type { ExchangePins } from '../../services/exchanges/exchange-pins.ts';
import type { ExchangeRemoval } from '../../services/exchanges/exchange-removal.ts';
import { actorOf, formOf } from '../context.ts';
import { historyFilters, readHistoryFilters } from '../forms/history-query.ts';
import { readForm } from '../forms/read-form.ts';
import { requireRole } from '../middleware/gate.ts';
import { exchangeDeletePage, selectionDeletePage } from '../presenters/exchange-deletion.ts';
import { seeOther } from '../redirect.ts';
import type { Render } from '../render.ts';

/** When it was asked for first, and how many are gone since. */
const progress = z.object({
  asked: z.iso.datetime('Open the page that asks, and send its form.').transform((text) => new Date(text)),
  removed: z.coerce.number().int().min(0).default(0),
});

interface Parts {
  readonly clock: Clock;
  readonly history: ExchangeHistory;
  readonly pins: ExchangePins;
  readonly erasure: ExchangeRemoval;
  readonly render: Render;
}

/** Deleting exchanges, for owners: one, or all that filters of the history let through. */
export function exchangeDeletionRoutes({ clock, history, pins, erasure, render }: Parts): Router {
  const router = new Router();
  const owner = requireRole('owner');

  /** Asks, and says how far it has come where something is gone already. */
  async function ask(ctx: Context, query: URLSearchParams, asked: Date, removed: number | null): Promise<void> {
    const filters = historyFilters(query);
    const selected = await erasure.count(actorOf(ctx).workspaceId, readHistoryFilters(filters), asked);
    await render(ctx, 'exchanges/delete', selectionDeletePage(selected, filters, removed, asked));
  }

  router.get('/exchanges/deletion', owner, (ctx) => ask(ctx, new URLSearchParams(ctx.querystring), clock.now(), null));

  router.post('/exchanges/deletion', owner, async (ctx) => {
    const form = formOf(ctx);
    const { asked, removed: before } = readForm(progress, form);
    const query = new URLSearchParams(form as Record<string, string>);
    const removed = await erasure.removeSome(actorOf(ctx), readHistoryFilters(historyFilters(query)), asked);
    await ask(ctx, query, asked, before + removed);
  });

  router.get('/exchanges/:id/deletion', owner, async (ctx) => {
    const exchange = await history.find(String(ctx.params.id));
    await render(ctx, 'exchanges/delete', exchangeDeletePage(exchange, (await pins.find(exchange.id)) !== null));
  });

  router.post('/exchanges/:id/deletion', owner, async (ctx) => {
    await erasure.remove(actorOf(ctx), String(ctx.params.id));
    seeOther(ctx, '/exchanges?deleted=one');
  });

  return router;
}
