import { Migration } from '@mikro-orm/migrations';

/** API keys, invitations, when members were last seen, and exchanges found by the slug of a connection that may be gone. */
export class ProgramsAndPeople extends Migration {
  override up(): void {
    this.addSql(`
      create table "api_key" (
        "id" text not null primary key,
        "workspace_id" text not null,
        "name" text not null,
        "role" text check ("role" in ('viewer', 'editor', 'owner')) not null,
        "key_hash" text not null,
        "ending" text not null,
        "created_by" text null,
        "created_at" datetime not null,
        "last_used_at" datetime null,
        "expires_at" datetime null,
        "revoked_at" datetime null
      )`);
    this.addSql(`create unique index "api_key_key_hash_unique" on "api_key" ("key_hash")`);

    this.addSql(`
      create table "invitation" (
        "id" text not null primary key,
        "workspace_id" text not null,
        "role" text check ("role" in ('viewer', 'editor', 'owner')) not null,
        "note" text not null,
        "token_hash" text not null,
        "created_by" text not null,
        "created_at" datetime not null,
        "expires_at" datetime not null,
        "used_at" datetime null
      )`);
    this.addSql(`create unique index "invitation_token_hash_unique" on "invitation" ("token_hash")`);

    this.addSql(`alter table "membership" add column "last_seen_at" datetime null`);
    this.addSql(
      `create index "exchange_workspace_id_connection_slug_started_at_id_index" on "exchange" ("workspace_id", "connection_slug", "started_at", "id")`,
    );
  }
}
