import type { Router } from '@koa/router';
import type { Context } from 'koa';
import getRawBody from 'raw-body';
import { type OrderBook, orderFields, type OrderFields, orderJson } from './orders.ts';
import type { Order } from './practice-state.ts';

const BODY_LIMIT = '64kb';

/** Orders: list, create, read, change, delete. */
export function addOrderRoutes(router: Router, book: OrderBook): void {
  router.get('/orders', (ctx) => {
    const state = ctx.query['state'];
    const items = book.list(typeof state === 'string' ? state : null).map(orderJson);
    json(ctx, 200, `{"items":[${items.join(',')}],"count":${items.length}}`);
  });
  router.post('/orders', async (ctx) => {
    const fields = await fieldsOf(ctx, true);
    if (!fields) return;
    const order = book.add({ item: fields.item ?? '', quantity: fields.quantity ?? 1, state: fields.state ?? 'open' });
    ctx.set('location', `/api/orders/${order.id}`);
    json(ctx, 201, orderJson(order));
  });
  router.get('/orders/:id', (ctx) => {
    const order = found(ctx, book);
    if (order) json(ctx, 200, orderJson(order));
  });
  router.register('/orders/:id', ['patch', 'put'], async (ctx) => {
    const order = found(ctx, book);
    const fields = order && (await fieldsOf(ctx, ctx.method === 'PUT'));
    if (fields) json(ctx, 200, orderJson(book.change(order, fields)));
  });
  router.delete('/orders/:id', (ctx) => {
    const order = found(ctx, book);
    if (!order) return;
    book.remove(order.id);
    ctx.status = 204;
  });
}

function found(ctx: Context, book: OrderBook): Order | undefined {
  const id = String(ctx['params'].id);
  const order = book.find(id);
  if (!order) problem(ctx, 404, `There is no order "${id}".`);
  return order;
}

/** The fields of the body, or undefined after an answer that says what is wrong with it. */
async function fieldsOf(ctx: Context, isNew: boolean): Promise<Partial<OrderFields> | undefined> {
  const text = await getRawBody(ctx.req, { limit: BODY_LIMIT, encoding: 'utf8' });
  const fields = orderFields(parsed(text), isNew);
  if (typeof fields !== 'string') return fields;
  problem(ctx, 422, fields);
  return undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function problem(ctx: Context, status: number, message: string): void {
  json(ctx, status, JSON.stringify({ error: status === 404 ? 'not-found' : 'invalid-order', message }));
}

function json(ctx: Context, status: number, text: string): void {
  ctx.status = status;
  ctx.type = 'application/json';
  ctx.body = text;
}
