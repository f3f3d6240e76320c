import { Initial } from './20261122000000-initial.ts';
import { ProgramsAndPeople } from './20261122200000-programs-and-people.ts';
import { EveryFlow } from './20261122210000-every-flow.ts';
import { Pins } from './20261128184000-pins.ts';
import { Removals } from './20261128190000-removals.ts';
import { PackedBodies } from './20261129000500-packed-bodies.ts';
import { WithoutConnection } from './20261129090000-without-connection.ts';
import { Search } from './20261129093000-search.ts';
import { Merging } from './20261129180000-merging.ts';
import { RecordedConnections } from './20261129200000-recorded-connections.ts';

/** Every migration of the SQLite schema, oldest first. Names stay for ever: databases remember them. */
export const migrations = [
  { name: '20261122000000-initial', class: Initial },
  { name: '20261122200000-programs-and-people', class: ProgramsAndPeople },
  { name: '20261122210000-every-flow', class: EveryFlow },
  { name: '20261128184000-pins', class: Pins },
  { name: '20261128190000-removals', class: Removals },
  { name: '20261129000500-packed-bodies', class: PackedBodies },
  { name: '20261129090000-without-connection', class: WithoutConnection },
  { name: '20261129093000-search', class: Search },
  { name: '20261129180000-merging', class: Merging },
  { name: '20261129200000-recorded-connections', class: RecordedConnections },
] as const;
