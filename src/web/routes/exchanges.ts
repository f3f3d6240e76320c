import { Readable } from 'node:stream';
import { Router } from '@koa/router';
import type { Middleware } from 'koa';
import { InvalidInput } from '../../kernel/errors.ts';
import type { Connector } from '../../services/connections/connector.ts';
import type { ExchangeReplay } from '../../services/exchanges/exchange-replay.ts';
import { actorOf, wantsPage } from '../context.ts';
import { contentChoiceOf } from '../forms/composer-form.ts';
import { requireRole } from '../middleware/gate.ts';
import { bodyFileHeaders, bodyFileName } from '../presenters/body-file.ts';
import { composerPrefill } from '../presenters/composer-prefill.ts';
import { seeOther } from '../redirect.ts';
import { showExchange, type ShownExchangeParts } from './shown-exchange.ts';

interface Parts extends ShownExchangeParts {
  readonly connector: Connector;
  readonly replay: ExchangeReplay;
  /** Gives whoever asks a number of calls in flight. */
  readonly places: Middleware;
}

/** One exchange of the history, and sending it again. */
export function exchangeRoutes(all: Parts): Router {
  const { connector, history, replay, places } = all;
  const router = new Router();
  const viewer = requireRole('viewer');

  router.get('/exchanges/:id', viewer, (ctx) => showExchange(all, ctx));

  for (const side of ['request', 'response'] as const) {
    router.get(`/exchanges/:id/${side}-body`, viewer, async (ctx) => {
      const { exchange, bytes, pieces } = await history.body(String(ctx.params.id), side);
      ctx.set(bodyFileHeaders(bodyFileName(exchange, side), bytes));
      ctx.body = Readable.from(pieces, { objectMode: false });
      ctx.type = 'application/octet-stream';
    });
  }

  router.post('/exchanges/:id/replays', requireRole('editor'), places, async (ctx) => {
    const id = String(ctx.params.id);
    try {
      seeOther(ctx, `/exchanges/${await replay.replay(actorOf(ctx), id)}`);
    } catch (error) {
      const composer = error instanceof InvalidInput && wantsPage(ctx) ? await composerFor(id) : null;
      if (composer === null) throw error;
      seeOther(ctx, composer);
    }
  });

  /** Where what is missing of a call can be written, each place marked; null where the composer would mark none. */
  async function composerFor(id: string): Promise<string | null> {
    const { exchange, requestBody } = await history.show(id, { response: 0 });
    const now = exchange.kind === 'call' ? await history.connectionNow(exchange) : null;
    if (!now) return null;
    const connection = await connector.find(now.slug);
    const { faults } = composerPrefill({ connection, exchange, requestBytes: requestBody, choiceOf: contentChoiceOf });
    return faults.length > 0 ? `/connections/${now.slug}?exchange=${id}` : null;
  }

  return router;
}
