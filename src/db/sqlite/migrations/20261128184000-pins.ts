import { Migration } from '@mikro-orm/migrations';

/** Exchanges that somebody wants to keep, and why. */
export class Pins extends Migration {
  override up(): void {
    this.addSql(`
      create table "pin" (
        "exchange_id" text not null primary key,
        "workspace_id" text not null,
        "note" text not null,
        "pinned_by" text not null,
        "pinned_at" datetime not null
      )`);
    this.addSql(`create index "pin_workspace_id_index" on "pin" ("workspace_id")`);
  }
}
