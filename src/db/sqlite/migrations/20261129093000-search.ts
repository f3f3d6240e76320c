import { Migration } from '@mikro-orm/migrations';

/** The schema differ takes no trigger with a comment for one of the entities', which know of none. */
const OURS = '/* beside the entities */';

/** Places in one millisecond before a number is looked for further on. */
const PLACES = 1024;
/** Where nothing can be numbered any more; the year 2223. */
const LAST_MS = 8_000_000_000_000;

/**
 * Exchanges can be found by free text. The index keeps words and where they stand, but not the text itself; an exchange
 * is numbered there by when it began, so that what is found comes in the order of the history.
 */
export class Search extends Migration {
  override up(): void {
    this.addSql(`
      create table "search_entry" (
        "number" integer not null primary key,
        "exchange_id" text not null unique,
        "is_indexed" integer not null default 0
      )`);
    this.addSql(`create index "search_entry_waiting" on "search_entry" ("number") where "is_indexed" = 0`);
    this.addSql(`
      create virtual table "search_text" using fts5(
        method, url, request_headers, request_body, response_headers, response_body,
        content = '', contentless_delete = 1, tokenize = 'unicode61')`);
    this.addSql(`
      insert or ignore into "search_entry" ("number", "exchange_id")
      select ${PLACES} * min(max("started_at", 0), ${LAST_MS})
          + row_number() over (partition by "started_at" order by "id") - 1, "id"
        from "exchange" order by "started_at", "id"`);
    this.#watchExchanges();
  }

  /**
   * The place after the last one of the same millisecond; where those are all taken, after the last one of the second that
   * follows, or of all. Each is one look into the index: thousands may come in that began at once.
   */
  #watchExchanges(): void {
    const first = `${PLACES} * min(max(new."started_at", 0), ${LAST_MS})`;
    const last = (places: number) => `(select max("number") from "search_entry"
      where "number" between ${first} and ${first} + ${places - 1})`;
    const within = (places: number) =>
      `when coalesce(${last(places)} + 1, 0) < ${first} + ${places} then coalesce(${last(places)} + 1, ${first})`;
    this.addSql(`
      create trigger "exchange_numbered" after insert on "exchange" ${OURS} begin
        insert into "search_entry" ("number", "exchange_id")
          select case ${within(PLACES)} ${within(1000 * PLACES)}
            else (select max("number") + 1 from "search_entry") end, new."id";
      end`);
    this.addSql(`
      create trigger "exchange_unnumbered" after delete on "exchange" ${OURS} begin
        delete from "search_text" where "rowid" = (select "number" from "search_entry" where "exchange_id" = old."id");
        delete from "search_entry" where "exchange_id" = old."id";
      end`);
  }
}
