import type { Context } from 'koa';
import type { Clock } from '../../kernel/clock.ts';
import { mayAct } from '../../kernel/role.ts';
import type { ExchangeComparison } from '../../services/comparisons/exchange-comparison.ts';
import type { ExchangeHistory } from '../../services/exchanges/exchange-history.ts';
import type { ExchangePins } from '../../services/exchanges/exchange-pins.ts';
import { actorOf } from '../context.ts';
import { INLINE_BYTES } from '../presenters/body-view.ts';
import { exchangePage, type RefusedNote } from '../presenters/exchange-page.ts';
import type { Render } from '../render.ts';

/** What the page of one exchange is made of. */
export interface ShownExchangeParts {
  readonly clock: Clock;
  readonly comparison: ExchangeComparison;
  readonly history: ExchangeHistory;
  readonly pins: ExchangePins;
  readonly render: Render;
}

/** Answers with the page of one exchange, for whoever asks. Throws `NotFound`, `Gone`. */
export async function showExchange(
  { clock, comparison, history, pins, render }: ShownExchangeParts,
  ctx: Context,
  refusedNote: RefusedNote | null = null,
): Promise<void> {
  const limits = { request: INLINE_BYTES, response: INLINE_BYTES };
  const { exchange, requestBody, responseBody } = await history.show(String(ctx.params.id), limits);
  const { role } = actorOf(ctx);
  const canSend = mayAct(role, 'editor');
  const parts = {
    exchange,
    requestBytes: requestBody,
    responseBytes: responseBody,
    before: await comparison.before(exchange),
    pin: await pins.find(exchange.id),
    connectionNow: await history.connectionNow(exchange),
    canSend,
    canPin: canSend,
    canDelete: mayAct(role, 'owner'),
    refusedNote,
  };
  await render(ctx, 'exchanges/show', exchangePage(parts, clock.now()));
}
