import { Router } from '@koa/router';
import type { Context } from 'koa';
import type { Clock } from '../../kernel/clock.ts';
import { type FieldFault, Gone, InvalidInput, NotFound } from '../../kernel/errors.ts';
import type { ExchangeComparison } from '../../services/comparisons/exchange-comparison.ts';
import { wantsPage } from '../context.ts';
import { readComparison } from '../forms/comparison-form.ts';
import { requireRole } from '../middleware/gate.ts';
import { comparisonChoice } from '../presenters/comparison-choice.ts';
import { comparisonPage } from '../presenters/comparison-page.ts';
import { statusOf } from '../problem-details.ts';
import type { Render } from '../render.ts';

interface Parts {
  readonly clock: Clock;
  readonly comparison: ExchangeComparison;
  readonly render: Render;
}

/** Two exchanges side by side, `/comparisons?exchange=ID&exchange=ID` in whichever order, and the form to choose them by. */
export function comparisonRoutes({ clock, comparison, render }: Parts): Router {
  const router = new Router();
  const viewer = requireRole('viewer');
  const choose = (ctx: Context, faults: readonly FieldFault[]) =>
    render(ctx, 'comparisons/new', comparisonChoice(typedOf(ctx), faults));

  router.get('/comparisons/new', viewer, (ctx) => choose(ctx, []));

  router.get('/comparisons', viewer, async (ctx) => {
    try {
      const compared = await comparison.compare(...readComparison(typedOf(ctx)));
      await render(ctx, 'comparisons/show', comparisonPage(compared, clock.now()));
    } catch (error) {
      if (!isOfChoice(error) || !wantsPage(ctx)) throw error;
      ctx.status = statusOf(error);
      await choose(
        ctx,
        error instanceof InvalidInput ? error.errors : [{ pointer: '/exchange', detail: error.message }],
      );
    }
  });

  return router;
}

function typedOf(ctx: Context): string[] {
  return new URLSearchParams(ctx.querystring).getAll('exchange');
}

/** Whether another choice of exchanges mends it. */
function isOfChoice(error: unknown): error is InvalidInput | NotFound | Gone {
  return error instanceof InvalidInput || error instanceof NotFound || error instanceof Gone;
}
