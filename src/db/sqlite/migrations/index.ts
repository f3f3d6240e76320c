import { Initial } from './20261122000000-initial.ts';
import { ProgramsAndPeople } from './20261122200000-programs-and-people.ts';
import { ExchangesBySlug } from './20261122210000-exchanges-by-slug.ts';
import { LastSeen } from './20261122210000-last-seen.ts';

/** Every migration of the SQLite schema, oldest first. Names stay for ever: databases remember them. */
export const migrations = [
  { name: '20261122000000-initial', class: Initial },
  { name: '20261122200000-programs-and-people', class: ProgramsAndPeople },
  { name: '20261122210000-exchanges-by-slug', class: ExchangesBySlug },
  { name: '20261122210000-last-seen', class: LastSeen },
] as const;
