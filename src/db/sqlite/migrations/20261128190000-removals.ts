import { Migration } from '@mikro-orm/migrations';

/** The schema differ takes no trigger with a comment for one of the entities', which know of none. */
const OURS = '/* beside the entities */';

/** Exchanges go: what is told of those an owner deleted, which bodies may be without an exchange, and how much there is. */
export class Removals extends Migration {
  override up(): void {
    this.addSql(`
      create table "tombstone" (
        "exchange_id" text not null primary key,
        "workspace_id" text not null,
        "connection_name" text not null,
        "kind" text not null,
        "method" text not null,
        "deleted_by" text not null,
        "deleted_at" datetime not null
      )`);
    this.addSql(`
      create table "loose_body" (
        "body_id" text not null primary key,
        "workspace_id" text not null
      )`);
    this.addSql(`
      create table "record_size" (
        "workspace_id" text not null primary key,
        "exchanges" integer not null,
        "bodies" integer not null,
        "body_bytes" bigint not null
      )`);
    for (const side of ['request', 'response'])
      this.addSql(`create index "exchange_${side}_body_id_index" on "exchange" ("${side}_body_id")`);
    this.#countWhatIsThere();
    this.#watchExchanges();
    this.#watchBodies();
  }

  #countWhatIsThere(): void {
    this.addSql(`
      insert into "record_size" ("workspace_id", "exchanges", "bodies", "body_bytes")
      select "id",
        (select count(*) from "exchange" where "workspace_id" = "workspace"."id"),
        (select count(*) from "body" where "workspace_id" = "workspace"."id"),
        (select coalesce(sum("bytes"), 0) from "body" where "workspace_id" = "workspace"."id")
      from "workspace"`);
    this.addSql(`
      insert into "loose_body" ("body_id", "workspace_id")
      select "id", "workspace_id" from "body" where "sha256" not like 'open:%'
        and not exists (select 1 from "exchange" where "request_body_id" = "body"."id")
        and not exists (select 1 from "exchange" where "response_body_id" = "body"."id")`);
  }

  #watchExchanges(): void {
    this.addSql(`
      create trigger "exchange_kept" after insert on "exchange" ${OURS} begin
        insert into "record_size" ("workspace_id", "exchanges", "bodies", "body_bytes") values (new."workspace_id", 1, 0, 0)
          on conflict ("workspace_id") do update set "exchanges" = "exchanges" + 1;
      end`);
    this.addSql(`
      create trigger "exchange_gone" after delete on "exchange" ${OURS} begin
        update "record_size" set "exchanges" = "exchanges" - 1 where "workspace_id" = old."workspace_id";
        insert or ignore into "loose_body" ("body_id", "workspace_id")
          select old."request_body_id", old."workspace_id" where old."request_body_id" is not null;
        insert or ignore into "loose_body" ("body_id", "workspace_id")
          select old."response_body_id", old."workspace_id" where old."response_body_id" is not null;
        delete from "pin" where "exchange_id" = old."id";
      end`);
  }

  /** A body that streams has its size at its end only. */
  #watchBodies(): void {
    this.addSql(`
      create trigger "body_kept" after insert on "body" ${OURS} begin
        insert into "record_size" ("workspace_id", "exchanges", "bodies", "body_bytes")
          values (new."workspace_id", 0, 1, new."bytes")
          on conflict ("workspace_id") do update set "bodies" = "bodies" + 1, "body_bytes" = "body_bytes" + excluded."body_bytes";
      end`);
    this.addSql(`
      create trigger "body_ended" after update of "bytes" on "body" ${OURS} begin
        update "record_size" set "body_bytes" = "body_bytes" + new."bytes" - old."bytes"
          where "workspace_id" = new."workspace_id";
      end`);
    this.addSql(`
      create trigger "body_gone" after delete on "body" ${OURS} begin
        update "record_size" set "bodies" = "bodies" - 1, "body_bytes" = "body_bytes" - old."bytes"
          where "workspace_id" = old."workspace_id";
      end`);
  }
}
