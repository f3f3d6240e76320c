import { Router } from '@koa/router';
import type { Context } from 'koa';
import type { ExchangeHistory } from '../../services/exchanges/exchange-history.ts';
import type { ExchangeExport, ExportedFile } from '../../services/exchanges/exports/exchange-export.ts';
import { EXPORT_FORMATS, HAR } from '../../services/exchanges/exports/export-formats.ts';
import { actorOf } from '../context.ts';
import { NothingToExport } from '../errors.ts';
import { historyFilters, readHistoryFilters } from '../forms/history-query.ts';
import { leaving } from '../leaving.ts';
import { requireRole } from '../middleware/gate.ts';
import { exportHeaders, exportStream } from '../presenters/export-file.ts';

interface Parts {
  readonly exporting: ExchangeExport;
  readonly history: ExchangeHistory;
}

/** What the history shows, and one exchange of it, as files. */
export function exchangeExportRoutes({ exporting, history }: Parts): Router {
  const router = new Router();
  const viewer = requireRole('viewer');

  for (const format of EXPORT_FORMATS) {
    router.get(`/exchanges.${format.id}`, viewer, async (ctx) => {
      const selection = readHistoryFilters(historyFilters(new URLSearchParams(ctx.querystring)));
      const file = await exporting.begin(actorOf(ctx).workspaceId, selection, format, leaving(ctx.res));
      if (!file) throw new NothingToExport();
      send(ctx, file);
    });
  }
  router.get('/exchanges/:id/har', viewer, async (ctx) => {
    const { id } = await history.find(String(ctx.params.id));
    send(ctx, await exporting.one(actorOf(ctx).workspaceId, id, HAR));
  });
  return router;
}

function send(ctx: Context, file: ExportedFile): void {
  ctx.set(exportHeaders(file));
  ctx.body = exportStream(file);
  ctx.type = file.mediaType;
}
