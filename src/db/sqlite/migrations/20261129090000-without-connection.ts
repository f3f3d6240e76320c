import { Migration } from '@mikro-orm/migrations';

const COLUMNS = [
  ['exchange', 'connection_id'],
  ['exchange', 'connection_slug'],
  ['exchange', 'connection_name'],
  ['tombstone', 'connection_name'],
] as const;

/** Calls that somebody else made belong to no connection. No row is written again for it. */
export class WithoutConnection extends Migration {
  override up(): void {
    for (const [table, column] of COLUMNS) this.addSql(`alter table "${table}" alter column "${column}" drop not null`);
  }
}
