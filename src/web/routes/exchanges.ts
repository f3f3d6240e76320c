import { Readable } from 'node:stream';
import { Router } from '@koa/router';
import type { Middleware } from 'koa';
import type { Clock } from '../../kernel/clock.ts';
import { mayAct } from '../../kernel/role.ts';
import type { Connector } from '../../services/connections/connector.ts';
import type { ExchangeHistory } from '../../services/exchanges/exchange-history.ts';
import type { ExchangePins } from '../../services/exchanges/exchange-pins.ts';
import type { ExchangeComparison } from '../../services/comparisons/exchange-comparison.ts';
import type { ExchangeReplay } from '../../services/exchanges/exchange-replay.ts';
import { actorOf } from '../context.ts';
import { nextPage } from '../api/schemas/list.ts';
import { cursorParts, historyFilters, readHistoryQuery } from '../forms/history-query.ts';
import { requireRole } from '../middleware/gate.ts';
import { INLINE_BYTES } from '../presenters/body-view.ts';
import { bodyFileHeaders, bodyFileName } from '../presenters/body-file.ts';
import { exchangeList } from '../presenters/exchange-list.ts';
import { exchangePage } from '../presenters/exchange-page.ts';
import { seeOther } from '../redirect.ts';
import type { Render } from '../render.ts';

const PAGE_ROWS = 50;

interface Parts {
  readonly clock: Clock;
  readonly connector: Connector;
  readonly history: ExchangeHistory;
  readonly pins: ExchangePins;
  readonly replay: ExchangeReplay;
  readonly comparison: ExchangeComparison;
  /** Gives whoever asks a number of calls in flight. */
  readonly places: Middleware;
  readonly render: Render;
}

/** The history, one exchange of it, and sending that again. */
export function exchangeRoutes(all: Parts): Router {
  const { clock, connector, history, pins, replay, comparison, places, render } = all;
  const router = new Router();
  const viewer = requireRole('viewer');

  router.get('/exchanges', viewer, async (ctx) => {
    const query = new URLSearchParams(ctx.querystring);
    const filters = historyFilters(query);
    const { filter, cursor } = readHistoryQuery(filters, query.get('cursor') || null);
    const connections = await connector.list();
    const { items, next } = await history.page(actorOf(ctx).workspaceId, filter, cursor, PAGE_ROWS);
    const older = nextPage(pageHref(query), cursorParts(next));
    const canDelete = mayAct(actorOf(ctx).role, 'owner');
    const canImport = mayAct(actorOf(ctx).role, 'editor');
    const parts = { exchanges: items, filters, connections, older, isFirst: cursor === null, canDelete, canImport };
    await render(ctx, 'exchanges/index', exchangeList(parts, clock.now()));
  });

  router.get('/exchanges/:id', viewer, async (ctx) => {
    const { exchange, requestBody, responseBody } = await history.show(String(ctx.params.id), {
      request: INLINE_BYTES,
      response: INLINE_BYTES,
    });
    const canSend = mayAct(actorOf(ctx).role, 'editor');
    const pin = await pins.find(exchange.id);
    const before = await comparison.before(exchange);
    const canDelete = mayAct(actorOf(ctx).role, 'owner');
    const parts = {
      canDelete,
      exchange,
      requestBytes: requestBody,
      responseBytes: responseBody,
      canSend,
      before,
      pin,
      canPin: canSend,
      connectionNow: await history.connectionNow(exchange),
    };
    await render(ctx, 'exchanges/show', exchangePage(parts, clock.now()));
  });

  for (const side of ['request', 'response'] as const) {
    router.get(`/exchanges/:id/${side}-body`, viewer, async (ctx) => {
      const { exchange, bytes, pieces } = await history.body(String(ctx.params.id), side);
      ctx.set(bodyFileHeaders(bodyFileName(exchange, side), bytes));
      ctx.body = Readable.from(pieces, { objectMode: false });
      ctx.type = 'application/octet-stream';
    });
  }

  router.post('/exchanges/:id/replays', requireRole('editor'), places, async (ctx) => {
    seeOther(ctx, `/exchanges/${await replay.replay(actorOf(ctx), String(ctx.params.id))}`);
  });

  return router;
}

function pageHref(query: URLSearchParams): string {
  return `/exchanges?${new URLSearchParams([...query].filter(([, value]) => value !== ''))}`;
}
