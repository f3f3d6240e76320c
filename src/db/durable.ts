import { AsyncLocalStorage } from 'node:async_hooks';

/** What a commit promises: `full`, that it is on the disk when it returns; `normal`, that it is whole or not there. */
export type Durability = 'full' | 'normal';

/** Set where transactions that begin have to promise that, whatever the setting is. Engines read it. */
export const durability = new AsyncLocalStorage<Durability>();
