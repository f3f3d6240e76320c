import { Router } from '@koa/router';
import type { Context } from 'koa';
import type { Clock } from '../../kernel/clock.ts';
import { NotFound } from '../../kernel/errors.ts';
import { INLINE_COPY_BYTES } from '../../services/exchanges/copies/copied-request.ts';
import { COPY_FORMATS } from '../../services/exchanges/copies/copy-formats.ts';
import type { ExchangeHistory } from '../../services/exchanges/exchange-history.ts';
import { requireRole } from '../middleware/gate.ts';
import { bodyFileHeaders } from '../presenters/body-file.ts';
import { exchangeCopy, exchangeCopyFile, type ExchangeCopyParts } from '../presenters/exchange-copy.ts';
import type { Render } from '../render.ts';

interface Parts {
  readonly clock: Clock;
  readonly history: ExchangeHistory;
  readonly render: Render;
}

/** The request of an exchange in the words of another program: as a page, and as a file. */
export function exchangeCopyRoutes({ clock, history, render }: Parts): Router {
  const router = new Router();
  const viewer = requireRole('viewer');

  async function asked({ params }: Context): Promise<ExchangeCopyParts> {
    const { id, format: name } = params as Record<string, string>;
    const format = COPY_FORMATS.find((one) => one.id === name);
    if (!format) throw new NotFound('format', String(name));
    const limits = { request: INLINE_COPY_BYTES, response: 0 };
    const { exchange, requestBody } = await history.show(String(id), limits);
    return { exchange, requestBytes: requestBody, format };
  }

  router.get('/exchanges/:id/as/:format', viewer, async (ctx) => {
    await render(ctx, 'exchanges/copy', exchangeCopy(await asked(ctx), clock.now()));
  });

  router.get('/exchanges/:id/as/:format/file', viewer, async (ctx) => {
    const { fileName, bytes } = exchangeCopyFile(await asked(ctx));
    ctx.set(bodyFileHeaders(fileName, bytes.length));
    ctx.body = bytes;
    ctx.type = 'application/octet-stream';
  });

  return router;
}
