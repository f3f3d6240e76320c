import { Migration } from '@mikro-orm/migrations';

/** The first schema. */
export class Initial extends Migration {
  override up(): void {
    this.addSql(`
      create table "body" (
        "id" text not null primary key,
        "workspace_id" text not null,
        "sha256" text not null,
        "bytes" integer not null,
        "created_at" datetime not null
      )`);
    this.addSql(`create unique index "body_workspace_id_sha256_unique" on "body" ("workspace_id", "sha256")`);

    this.addSql(`
      create table "body_chunk" (
        "id" text not null primary key,
        "workspace_id" text not null,
        "body_id" text not null,
        "position" integer not null,
        "content" blob not null
      )`);
    this.addSql(`create unique index "body_chunk_body_id_position_unique" on "body_chunk" ("body_id", "position")`);

    this.addSql(`
      create table "connection" (
        "id" text not null primary key,
        "workspace_id" text not null,
        "slug" text not null,
        "name" text not null,
        "base_url" text not null,
        "origins" json not null,
        "headers" json not null,
        "timeout_ms" integer not null,
        "width" integer not null,
        "resend_unsafe_on401" integer not null,
        "keep_alive" integer not null,
        "mask_names" json not null,
        "unmask_names" json not null,
        "auth" json not null,
        "sealed_secrets" text null,
        "created_at" datetime not null,
        "updated_at" datetime not null,
        "last_call_at" datetime null
      )`);
    this.addSql(`create unique index "connection_workspace_id_slug_unique" on "connection" ("workspace_id", "slug")`);

    this.addSql(`
      create table "consent_attempt" (
        "id" text not null primary key,
        "workspace_id" text not null,
        "connection_id" text not null,
        "sign_in_id" text not null,
        "state_hash" text not null,
        "sealed_verifier" text not null,
        "created_at" datetime not null,
        "expires_at" datetime not null,
        "used_at" datetime null
      )`);
    this.addSql(`create unique index "consent_attempt_state_hash_unique" on "consent_attempt" ("state_hash")`);
    this.addSql(`create index "consent_attempt_expires_at_index" on "consent_attempt" ("expires_at")`);

    this.addSql(`
      create table "exchange" (
        "id" text not null primary key,
        "workspace_id" text not null,
        "kind" text check ("kind" in ('call', 'token', 'authorization', 'device', 'revocation', 'introspection', 'imported')) not null,
        "connection_id" text not null,
        "connection_slug" text not null,
        "connection_name" text not null,
        "generation" integer not null,
        "method" text not null,
        "url" text not null,
        "request_headers" json not null,
        "request_body" json null,
        "request_body_id" text null,
        "outcome" text check ("outcome" in ('pending', 'answered', 'failed', 'interrupted')) not null,
        "reason" text null,
        "detail" text null,
        "status" integer null,
        "response_headers" json null,
        "response_body" json null,
        "response_body_id" text null,
        "timings" json null,
        "hops" json not null,
        "attempts" integer not null,
        "sent_by" text null,
        "instance_id" text not null,
        "started_at" datetime not null,
        "finished_at" datetime null
      )`);
    this.addSql(
      `create index "exchange_workspace_id_started_at_id_index" on "exchange" ("workspace_id", "started_at", "id")`,
    );
    this.addSql(
      `create index "exchange_workspace_id_connection_id_started_at_id_index" on "exchange" ("workspace_id", "connection_id", "started_at", "id")`,
    );
    this.addSql(`create index "exchange_outcome_instance_id_index" on "exchange" ("outcome", "instance_id")`);

    this.addSql(`
      create table "grant" (
        "id" text not null primary key,
        "workspace_id" text not null,
        "connection_id" text not null,
        "state" text check ("state" in ('missing', 'held', 'ambiguous', 'consent-needed', 'misconfigured', 'revoked', 'static')) not null,
        "reason" text null,
        "detail" text null,
        "generation" integer not null,
        "fence" integer not null,
        "lease_instance" text null,
        "lease_until" datetime null,
        "sealed_access_token" text null,
        "sealed_refresh_token" text null,
        "sealed_previous_refresh_token" text null,
        "scope" text null,
        "obtained_at" datetime null,
        "expires_at" datetime null,
        "failures" integer not null,
        "retry_at" datetime null,
        "quiet_until" datetime null,
        "quiet_seconds" integer not null,
        "updated_at" datetime not null
      )`);
    this.addSql(`create unique index "grant_connection_id_unique" on "grant" ("connection_id")`);

    this.addSql(`
      create table "instance" (
        "id" text not null primary key,
        "version" text not null,
        "pid" integer not null,
        "started_at" datetime not null,
        "heartbeat_at" datetime not null
      )`);

    this.addSql(`
      create table "membership" (
        "id" text not null primary key,
        "workspace_id" text not null,
        "user_id" text not null,
        "role" text check ("role" in ('viewer', 'editor', 'owner')) not null,
        "created_at" datetime not null
      )`);
    this.addSql(`create index "membership_user_id_index" on "membership" ("user_id")`);
    this.addSql(
      `create unique index "membership_workspace_id_user_id_unique" on "membership" ("workspace_id", "user_id")`,
    );

    this.addSql(`
      create table "meta" (
        "key" text not null primary key,
        "value" text not null
      )`);

    this.addSql(`
      create table "rate_limit" (
        "key" text not null primary key,
        "count" integer not null,
        "window_ends_at" datetime not null
      )`);
    this.addSql(`create index "rate_limit_window_ends_at_index" on "rate_limit" ("window_ends_at")`);

    this.addSql(`
      create table "refresh_attempt" (
        "id" text not null primary key,
        "workspace_id" text not null,
        "connection_id" text not null,
        "grant_id" text not null,
        "instance_id" text not null,
        "exchange_id" text not null,
        "generation" integer not null,
        "fence" integer not null,
        "fingerprint" text null,
        "state" text check ("state" in ('intent', 'done', 'failed', 'unknown')) not null,
        "outcome" text null,
        "reason" text null,
        "detail" text null,
        "sealed_tokens" text null,
        "lease_until" datetime not null,
        "started_at" datetime not null,
        "ended_at" datetime null
      )`);
    this.addSql(
      `create index "refresh_attempt_connection_id_started_at_index" on "refresh_attempt" ("connection_id", "started_at")`,
    );
    this.addSql(`create index "refresh_attempt_state_lease_until_index" on "refresh_attempt" ("state", "lease_until")`);

    this.addSql(`
      create table "sign_in" (
        "id" text not null primary key,
        "user_id" text not null,
        "workspace_id" text not null,
        "token_hash" text not null,
        "address" text not null,
        "user_agent" text not null,
        "created_at" datetime not null,
        "last_seen_at" datetime not null,
        "expires_at" datetime not null
      )`);
    this.addSql(`create index "sign_in_user_id_index" on "sign_in" ("user_id")`);
    this.addSql(`create unique index "sign_in_token_hash_unique" on "sign_in" ("token_hash")`);

    this.addSql(`
      create table "user" (
        "id" text not null primary key,
        "email" text not null,
        "password_hash" text not null,
        "created_at" datetime not null
      )`);
    this.addSql(`create unique index "user_email_unique" on "user" ("email")`);

    this.addSql(`
      create table "workspace" (
        "id" text not null primary key,
        "slug" text not null,
        "name" text not null,
        "created_at" datetime not null
      )`);
    this.addSql(`create unique index "workspace_slug_unique" on "workspace" ("slug")`);
  }
}
