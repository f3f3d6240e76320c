import { Migration } from '@mikro-orm/migrations';

/** The schema differ takes no trigger with a comment for one of the entities', which know of none. */
const OURS = '/* beside the entities */';

/**
 * Chunks of bodies may be packed. What a workspace has on record is counted as it is stored, since that is what an
 * operator pays for; a body's own size stays that of its bytes. Bodies from before are as they were: plain.
 */
export class PackedBodies extends Migration {
  override up(): void {
    const plain = `text check ("coding" in ('identity', 'zstd')) not null default 'identity'`;
    this.addSql(`alter table "body_chunk" add column "coding" ${plain}`);
    for (const trigger of ['body_kept', 'body_ended', 'body_gone']) this.addSql(`drop trigger "${trigger}"`);
    this.addSql(`alter table "body" add column "stored_bytes" integer not null default 0`);
    this.addSql(`update "body" set "stored_bytes" = "bytes"`);
    this.#watchBodies();
  }

  /** A body that streams has its size at its end only. */
  #watchBodies(): void {
    this.addSql(`
      create trigger "body_kept" after insert on "body" ${OURS} begin
        insert into "record_size" ("workspace_id", "exchanges", "bodies", "body_bytes")
          values (new."workspace_id", 0, 1, new."stored_bytes")
          on conflict ("workspace_id") do update set "bodies" = "bodies" + 1, "body_bytes" = "body_bytes" + excluded."body_bytes";
      end`);
    this.addSql(`
      create trigger "body_ended" after update of "stored_bytes" on "body" ${OURS} begin
        update "record_size" set "body_bytes" = "body_bytes" + new."stored_bytes" - old."stored_bytes"
          where "workspace_id" = new."workspace_id";
      end`);
    this.addSql(`
      create trigger "body_gone" after delete on "body" ${OURS} begin
        update "record_size" set "bodies" = "bodies" - 1, "body_bytes" = "body_bytes" - old."stored_bytes"
          where "workspace_id" = old."workspace_id";
      end`);
  }
}
