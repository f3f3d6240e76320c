import { Router } from '@koa/router';
import type { Clock } from '../../kernel/clock.ts';
import type { ExchangeComparison } from '../../services/comparisons/exchange-comparison.ts';
import { requireRole } from '../middleware/gate.ts';
import { comparisonPage } from '../presenters/comparison-page.ts';
import type { Render } from '../render.ts';

interface Parts {
  readonly clock: Clock;
  readonly comparison: ExchangeComparison;
  readonly render: Render;
}

/** Two exchanges side by side: `/comparisons?exchange=ID&exchange=ID`, in whichever order. */
export function comparisonRoutes({ clock, comparison, render }: Parts): Router {
  const router = new Router();
  router.get('/comparisons', requireRole('viewer'), async (ctx) => {
    const ids = new URLSearchParams(ctx.querystring).getAll('exchange');
    await render(ctx, 'comparisons/show', comparisonPage(await comparison.compare(ids), clock.now()));
  });
  return router;
}
