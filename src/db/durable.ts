import { AsyncLocalStorage } from 'node:async_hooks';

/** Set where a transaction that begins must be on the disk when its commit returns. Engines read it. */
export const durable = new AsyncLocalStorage<boolean>();
