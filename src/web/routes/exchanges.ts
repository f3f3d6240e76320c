import { Router } from '@koa/router';
import type { Context } from 'koa';
import type { Clock } from '../../kernel/clock.ts';
import { NotFound } from '../../kernel/errors.ts';
import type { Connector } from '../../services/connections/connector.ts';
import type { ExchangeHistory } from '../../services/exchanges/exchange-history.ts';
import { actorOf } from '../context.ts';
import { historyFilters, readCursor, readHistoryQuery, writeCursor } from '../forms/history-query.ts';
import { requireRole } from '../middleware/gate.ts';
import { INLINE_BYTES } from '../presenters/body-view.ts';
import { exchangeList } from '../presenters/exchange-list.ts';
import { exchangePage } from '../presenters/exchange-page.ts';
import type { Render } from '../render.ts';

const PAGE_ROWS = 50;

interface Parts {
  readonly clock: Clock;
  readonly connector: Connector;
  readonly history: ExchangeHistory;
  readonly render: Render;
}

/** The history, and one exchange of it. */
export function exchangeRoutes({ clock, connector, history, render }: Parts): Router {
  const router = new Router();
  const viewer = requireRole('viewer');

  router.get('/exchanges', viewer, async (ctx) => {
    const query = new URLSearchParams(ctx.querystring);
    const filters = historyFilters(query);
    const wanted = readHistoryQuery(filters);
    const cursor = readCursor(query.get('cursor'));
    const connections = await connector.list();
    const connection = filters.connection === '' ? null : await connector.find(filters.connection);
    const { items, next } = await history.page(
      actorOf(ctx).workspaceId,
      { ...wanted, ...(connection && { connectionId: connection.id }) },
      cursor,
      PAGE_ROWS,
    );
    const older = next && olderHref(query, writeCursor(next));
    const parts = { exchanges: items, filters, connections, older, isFirst: cursor === null };
    await render(ctx, 'exchanges/index', exchangeList(parts, clock.now()));
  });

  router.get('/exchanges/:id', viewer, async (ctx) => {
    const { exchange, requestBody, responseBody } = await history.show(String(ctx.params.id), {
      request: INLINE_BYTES,
      response: INLINE_BYTES,
    });
    const parts = { exchange, requestBytes: requestBody, responseBytes: responseBody };
    await render(ctx, 'exchanges/show', exchangePage(parts, clock.now()));
  });

  router.get('/exchanges/:id/request-body', viewer, async (ctx) => {
    const id = String(ctx.params.id);
    attach(ctx, `request-${id}`, (await history.show(id, { response: 0 })).requestBody);
  });

  router.get('/exchanges/:id/response-body', viewer, async (ctx) => {
    const id = String(ctx.params.id);
    attach(ctx, `response-${id}`, (await history.show(id, { request: 0 })).responseBody);
  });

  return router;
}

/** A kept body byte for byte, as a file that no browser will run. */
function attach(ctx: Context, name: string, bytes: Buffer | null): void {
  if (!bytes) throw new NotFound('body', name);
  ctx.set('Content-Security-Policy', "sandbox; default-src 'none'");
  ctx.set('Content-Disposition', `attachment; filename="${name}"`);
  ctx.type = 'application/octet-stream';
  ctx.body = bytes;
}

function olderHref(query: URLSearchParams, cursor: string): string {
  const next = new URLSearchParams([...query].filter(([name, value]) => name !== 'cursor' && value !== ''));
  next.set('cursor', cursor);
  return `/exchanges?${next}`;
}
