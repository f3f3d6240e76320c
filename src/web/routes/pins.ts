import { Router } from '@koa/router';
import type { ExchangePins } from '../../services/exchanges/exchange-pins.ts';
import { actorOf, formOf } from '../context.ts';
import { readPinForm } from '../forms/pin-form.ts';
import { requireRole } from '../middleware/gate.ts';
import { seeOther } from '../redirect.ts';

interface Parts {
  readonly pins: ExchangePins;
}

/** Pinning an exchange by its page. */
export function pinRoutes({ pins }: Parts): Router {
  const router = new Router();
  const editor = requireRole('editor');

  router.post('/exchanges/:id/pin', editor, async (ctx) => {
    const { exchangeId } = await pins.pin(actorOf(ctx), String(ctx.params.id), readPinForm(formOf(ctx)));
    seeOther(ctx, `/exchanges/${exchangeId}`);
  });

  router.post('/exchanges/:id/pin/deletion', editor, async (ctx) => {
    const id = String(ctx.params.id);
    await pins.unpin(actorOf(ctx), id);
    seeOther(ctx, `/exchanges/${id}`);
  });

  return router;
}
