import { Router } from '@koa/router';
import type { Clock } from '../kernel/clock.ts';
import { addOddRoutes } from './odd-routes.ts';
import { addOrderRoutes } from './order-routes.ts';
import { OrderBook } from './orders.ts';
import type { StateFile } from './state-file.ts';

/** The resource API under `/api`: orders, and four routes that behave oddly on purpose. Mount it behind `requireBearer`. */
export function resourceRoutes(file: StateFile, clock: Clock): Router {
  const router = new Router({ prefix: '/api' });
  addOrderRoutes(router, new OrderBook(file, clock));
  addOddRoutes(router);
  return router;
}
