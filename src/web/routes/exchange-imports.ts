import { Router } from '@koa/router';
import { z } from 'zod';
import { InvalidInput } from '../../kernel/errors.ts';
import { checkBy } from '../../kernel/field-faults.ts';
import type { ExchangeImport } from '../../services/exchanges/imports/exchange-import.ts';
import { actorOf, fileOf } from '../context.ts';
import { orFormAgain } from '../forms/form-again.ts';
import { requireRole } from '../middleware/gate.ts';
import { importPage } from '../presenters/exchange-import.ts';
import { seeOther } from '../redirect.ts';
import type { Render } from '../render.ts';

const moment = z.iso.datetime().transform((text) => new Date(text));
/** What the address tells of the import before. */
const cameSchema = z.object({ count: z.coerce.number().int().min(1).max(1e6), first: moment, last: moment });

interface Parts {
  readonly importing: ExchangeImport;
  readonly render: Render;
}

/** Calls that somebody else has made come in by a file. */
export function exchangeImportRoutes({ importing, render }: Parts): Router {
  const router = new Router();
  const editor = requireRole('editor');

  router.get('/exchanges/import', editor, async (ctx) => {
    const came = checkBy(cameSchema, { ...ctx.query });
    await render(ctx, 'exchanges/import', importPage('value' in came ? came.value : null, null));
  });

  router.post('/exchanges/imports', editor, (ctx) =>
    orFormAgain(
      ctx,
      async () => {
        const file = fileOf(ctx);
        if (!file) throw new InvalidInput([{ pointer: '/file', detail: 'Choose a file.' }]);
        const { ids, first, last } = await importing.import(actorOf(ctx), file);
        const came = { count: String(ids.length), first: first.toISOString(), last: last.toISOString() };
        seeOther(ctx, `/exchanges/import?${new URLSearchParams(came)}`);
      },
      (faults) => render(ctx, 'exchanges/import', importPage(null, faults.map(({ detail }) => detail).join(' '))),
    ),
  );

  return router;
}
