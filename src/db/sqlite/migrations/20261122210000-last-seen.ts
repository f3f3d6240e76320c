import { Migration } from '@mikro-orm/migrations';

/** When a member was last in a workspace. */
export class LastSeen extends Migration {
  override up(): void {
    this.addSql(`alter table "membership" add column "last_seen_at" datetime null`);
  }
}
