import { Router } from '@koa/router';
import { actorOf, formOf } from '../context.ts';
import { orFormAgain } from '../forms/form-again.ts';
import { readPinForm } from '../forms/pin-form.ts';
import { requireRole } from '../middleware/gate.ts';
import { seeOther } from '../redirect.ts';
import { showExchange, type ShownExchangeParts } from './shown-exchange.ts';

/** Pinning an exchange by its page. */
export function pinRoutes(parts: ShownExchangeParts): Router {
  const { pins } = parts;
  const router = new Router();
  const editor = requireRole('editor');

  router.post('/exchanges/:id/pin', editor, (ctx) =>
    orFormAgain(
      ctx,
      async () => {
        const { exchangeId } = await pins.pin(actorOf(ctx), String(ctx.params.id), readPinForm(formOf(ctx)));
        seeOther(ctx, `/exchanges/${exchangeId}`);
      },
      (faults) => {
        const error = faults.map(({ detail }) => detail).join(' ');
        return showExchange(parts, ctx, { note: formOf(ctx)['note'] ?? '', error });
      },
    ),
  );

  router.post('/exchanges/:id/pin/deletion', editor, async (ctx) => {
    const id = String(ctx.params.id);
    await pins.unpin(actorOf(ctx), id);
    seeOther(ctx, `/exchanges/${id}`);
  });

  return router;
}
