import { Migration } from '@mikro-orm/migrations';

/** Exchanges are looked up under their connection's slug, which outlives the connection. */
export class ExchangesBySlug extends Migration {
  override up(): void {
    this.addSql(
      `create index "exchange_workspace_id_connection_slug_started_at_id_index" on "exchange" ("workspace_id", "connection_slug", "started_at", "id")`,
    );
  }
}
