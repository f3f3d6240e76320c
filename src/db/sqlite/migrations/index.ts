import { Initial } from './20261122000000-initial.ts';

/** Every migration of the SQLite schema, oldest first. Names stay for ever: databases remember them. */
export const migrations = [{ name: '20261122000000-initial', class: Initial }] as const;
