import { Migration } from '@mikro-orm/migrations';
import { USUAL_OAUTH2 } from '../../../kernel/auth.ts';

/** Every OAuth 2 flow: settings that connections did not have, consent on another device, what issuers say of themselves. */
export class EveryFlow extends Migration {
  override up(): void {
    this.addSql(`alter table "connection" add column "certificate_authorities" text null`);
    const usual = Object.entries(USUAL_OAUTH2)
      .map(([name, value]) => `, '$.${name}', json('${JSON.stringify(value)}')`)
      .join('');
    this.addSql(
      `update "connection" set "auth" = json_insert("auth"${usual}) where json_extract("auth", '$.type') = 'oauth2'`,
    );

    const bearer = `text check ("token_type" in ('bearer', 'dpop')) not null default 'bearer'`;
    this.addSql(`alter table "grant" add column "token_type" ${bearer}`);
    for (const column of ['scope_asked', 'consented_by'])
      this.addSql(`alter table "grant" add column "${column}" text null`);
    for (const column of ['refresh_expires_at', 'consented_at', 'told_at'])
      this.addSql(`alter table "grant" add column "${column}" datetime null`);

    this.addSql(`alter table "instance" add column "key_id" text null`);
    this.addSql(`alter table "consent_attempt" add column "sealed_request_uri" text null`);
    this.addSql(`alter table "consent_attempt" add column "request_uri_until" datetime null`);

    this.addSql(`
      create table "device_attempt" (
        "id" text not null primary key,
        "workspace_id" text not null,
        "connection_id" text not null,
        "state" text check ("state" in ('pending', 'granted', 'refused', 'expired', 'failed', 'cancelled')) not null,
        "reason" text null,
        "detail" text null,
        "sealed_device_code" text null,
        "sealed_user_code" text null,
        "sealed_complete_uri" text null,
        "verification_uri" text not null,
        "interval_seconds" integer not null,
        "polls" integer not null,
        "next_poll_at" datetime not null,
        "started_by" text not null,
        "created_at" datetime not null,
        "expires_at" datetime not null,
        "ended_at" datetime null
      )`);
    this.addSql(`create index "device_attempt_state_next_poll_at_index" on "device_attempt" ("state", "next_poll_at")`);
    this.addSql(
      `create index "device_attempt_connection_id_created_at_index" on "device_attempt" ("connection_id", "created_at")`,
    );

    this.addSql(`
      create table "provider_metadata" (
        "id" text not null primary key,
        "workspace_id" text not null,
        "connection_id" text not null,
        "issuer" text not null,
        "token_url" text null,
        "kept_token_url" text null,
        "asked_at" datetime not null,
        "fresh_until" datetime not null
      )`);
    this.addSql(
      `create unique index "provider_metadata_connection_id_unique" on "provider_metadata" ("connection_id")`,
    );
  }
}
