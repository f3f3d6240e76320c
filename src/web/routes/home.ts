import { Router } from '@koa/router';
import type { Clock } from '../../kernel/clock.ts';
import type { Connector } from '../../services/connections/connector.ts';
import type { ExchangeHistory } from '../../services/exchanges/exchange-history.ts';
import type { GrantTeller } from '../../services/grants/grant-teller.ts';
import { actorOf } from '../context.ts';
import { requireRole } from '../middleware/gate.ts';
import { homePage } from '../presenters/home-page.ts';
import type { Render } from '../render.ts';
import { toldConnections } from './told-connections.ts';

const LATEST = 10;

interface Parts {
  readonly clock: Clock;
  readonly connector: Connector;
  readonly teller: GrantTeller;
  readonly history: ExchangeHistory;
  /** Whether the practice API runs. */
  readonly hasPractice: () => boolean;
  readonly render: Render;
}

/** Is everything fresh, and what happened lately? */
export function homeRoutes({ clock, connector, teller, history, hasPractice, render }: Parts): Router {
  const router = new Router();

  router.get('/', requireRole('viewer'), async (ctx) => {
    const { workspaceId, role } = actorOf(ctx);
    const connections = await toldConnections(workspaceId, connector, teller);
    const latest = await history.latest(workspaceId, { kind: 'call' }, LATEST);
    const size = await history.size(workspaceId);
    const parts = { connections, latest, role, hasPractice: hasPractice(), size };
    await render(ctx, 'home', homePage(parts, clock.now()));
  });

  return router;
}
