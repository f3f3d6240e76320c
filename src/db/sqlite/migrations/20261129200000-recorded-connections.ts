import { Migration } from '@mikro-orm/migrations';

/** Exchanges are found by the connections that they were recorded of under a slug: several may have had it. */
export class RecordedConnections extends Migration {
  override up(): void {
    this.addSql(`drop index "exchange_workspace_id_connection_slug_started_at_id_index"`);
    this.addSql(
      `create index "exchange_connection_slug_index" on "exchange" ("workspace_id", "connection_slug", "connection_id", "started_at", "id")`,
    );
  }
}
