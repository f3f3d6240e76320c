import type { Clock } from '../kernel/clock.ts';
import type { Order } from './practice-state.ts';
import type { StateFile } from './state-file.ts';

/** What a piece costs: odd and large, so that three of them are 2^53 + 1, which no double can hold. */
const PIECE = 3_002_399_751_580_331n;
const STATES = ['open', 'paid', 'sent', 'cancelled'];
const SEEDS: readonly (readonly [string, number, string])[] = [
  ['Blue ink, 30 ml', 3, 'paid'],
  ['Ruled notebook', 12, 'open'],
  ['Brass pen', 1, 'sent'],
];

/** What may be said about an order by its customer. */
export interface OrderFields {
  readonly item: string;
  readonly quantity: number;
  readonly state: string;
}

/** The orders of the practice API, kept in the state file. */
export class OrderBook {
  readonly #file: StateFile;
  readonly #clock: Clock;

  constructor(file: StateFile, clock: Clock) {
    this.#file = file;
    this.#clock = clock;
    if (file.state.nextOrder === 1001) for (const [item, quantity, state] of SEEDS) this.add({ item, quantity, state });
  }

  /** Every order, oldest first; only those in `state` where it is given. */
  list(state: string | null): Order[] {
    return Object.values(this.#file.state.orders).filter((order) => state === null || order.state === state);
  }

  find(id: string): Order | undefined {
    return Object.hasOwn(this.#file.state.orders, id) ? this.#file.state.orders[id] : undefined;
  }

  add(fields: OrderFields): Order {
    const id = `order-${this.#file.state.nextOrder}`;
    this.#file.state.nextOrder += 1;
    return this.#keep(id, fields);
  }

  change(order: Order, fields: Partial<OrderFields>): Order {
    return this.#keep(order.id, { item: order.item, quantity: order.quantity, state: order.state, ...fields });
  }

  remove(id: string): void {
    delete this.#file.state.orders[id];
    this.#file.touch();
  }

  #keep(id: string, { item, quantity, state }: OrderFields): Order {
    const total = String(PIECE * BigInt(quantity));
    const order = { id, item, quantity, state, total, changedAt: this.#clock.now().toISOString() };
    this.#file.state.orders[id] = order;
    this.#file.touch();
    return order;
  }
}

/** An order in JSON. The total stands there digit by digit, as a number. */
export function orderJson({ total, ...order }: Order): string {
  return `${JSON.stringify(order).slice(0, -1)},"total":${total}}`;
}

/** The fields in a parsed body, or one sentence on what is wrong with it. New orders need an item and a quantity. */
export function orderFields(body: unknown, isNew: boolean): Partial<OrderFields> | string {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return 'The body has to be a JSON object.';
  const { item, quantity, state } = body as Record<string, unknown>;
  if (item === undefined ? isNew : typeof item !== 'string' || item === '' || item.length > 200) {
    return '"item" has to be a text of 1 to 200 characters.';
  }
  if (
    quantity === undefined ? isNew : !Number.isInteger(quantity) || Number(quantity) < 1 || Number(quantity) > 10_000
  ) {
    return '"quantity" has to be a whole number from 1 to 10000.';
  }
  if (state !== undefined && !(typeof state === 'string' && STATES.includes(state))) {
    return `"state" has to be one of ${STATES.join(', ')}.`;
  }
  return {
    ...(typeof item === 'string' && { item }),
    ...(typeof quantity === 'number' && { quantity }),
    ...(typeof state === 'string' && { state }),
  };
}
