import { Router } from '@koa/router';
import type { Context } from 'koa';
import type { Clock } from '../../kernel/clock.ts';
import { InvalidInput } from '../../kernel/errors.ts';
import { mayAct } from '../../kernel/role.ts';
import type { Connector } from '../../services/connections/connector.ts';
import type { ExchangeHistory } from '../../services/exchanges/exchange-history.ts';
import type { ExchangeSelector } from '../../services/exchanges/exchange-selection.ts';
import { totalOf } from '../../services/exchanges/history-total.ts';
import { writeCursor } from '../api/schemas/list.ts';
import { actorOf } from '../context.ts';
import { cursorParts, historyFilters, readHistoryQuery } from '../forms/history-query.ts';
import { requireRole } from '../middleware/gate.ts';
import { exchangeDeletionWords } from '../presenters/exchange-deletion.ts';
import { exchangeList, type ExchangeListParts, FILTER_NAMES } from '../presenters/exchange-list.ts';
import { faultsByField } from '../presenters/field-faults.ts';
import type { Render } from '../render.ts';

const PAGE_ROWS = 50;

interface Parts {
  readonly clock: Clock;
  readonly connector: Connector;
  readonly history: ExchangeHistory;
  readonly selector: ExchangeSelector;
  readonly render: Render;
}

/** The history: what was selected of it by filters and by free text, page by page. */
export function historyRoutes({ clock, connector, history, selector, render }: Parts): Router {
  const router = new Router();

  router.get('/exchanges', requireRole('viewer'), async (ctx) => {
    const query = new URLSearchParams(ctx.querystring);
    const shown = await page(ctx, query).catch((error: unknown) => {
      if (!(error instanceof InvalidInput)) throw error;
      ctx.status = 422;
      return { ...NOTHING, errors: faultsByField(error.errors, FILTER_NAMES) };
    });
    const { workspaceId, role } = actorOf(ctx);
    const may = { canDelete: mayAct(role, 'owner'), canImport: mayAct(role, 'editor') };
    const connections = await connector.list();
    const former = await history.formerConnections(workspaceId);
    const parts = { ...shown, ...may, filters: historyFilters(query), connections, former };
    const flash = exchangeDeletionWords(query.get('deleted') ?? '');
    await render(ctx, 'exchanges/index', { ...exchangeList(parts, clock.now()), flash });
  });

  async function page(ctx: Context, query: URLSearchParams): Promise<Shown> {
    const { workspaceId } = actorOf(ctx);
    const { selection, place } = readHistoryQuery(query);
    const found = await selector.lines(workspaceId, selection, place, PAGE_ROWS, true);
    // On the way back to the newest there may be fewer than a page holds: then the first page is what is wanted.
    if (place?.direction === 'newer' && !found.newer) return page(ctx, withoutPlace(query));
    return {
      exchanges: found.items,
      older: pageHref(query, 'cursor', found.older),
      newer: pageHref(query, 'newer', found.newer),
      isFirst: place === null,
      search: found.search,
      total: place === null ? await totalOf(workspaceId, selection, found) : null,
    };
  }

  return router;
}

type Shown = Omit<ExchangeListParts, 'filters' | 'connections' | 'former' | 'canDelete' | 'canImport'>;

const NO_FILTER = ['cursor', 'newer', 'deleted'];
const NOTHING: Shown = { exchanges: [], older: null, newer: null, isFirst: true };

function withoutPlace(query: URLSearchParams): URLSearchParams {
  return new URLSearchParams([...query].filter(([name, value]) => value !== '' && !NO_FILTER.includes(name)));
}

function pageHref(query: URLSearchParams, name: 'cursor' | 'newer', place: Parameters<typeof cursorParts>[0]) {
  const parts = cursorParts(place);
  if (!parts) return null;
  const href = withoutPlace(query);
  href.set(name, writeCursor(parts));
  return `/exchanges?${href}`;
}
