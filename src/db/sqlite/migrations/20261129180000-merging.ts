import { Migration } from '@mikro-orm/migrations';

/** Segments of one size that nobody got to merge before a commit has to. */
const MOST_SEGMENTS = 500;

/** The index of words is merged aside (`search/word-merging.ts`), and no more by the commits that write to it. */
export class Merging extends Migration {
  override up(): void {
    this.addSql(`insert into "search_text" ("search_text", "rank") values ('automerge', 0)`);
    this.addSql(`insert into "search_text" ("search_text", "rank") values ('crisismerge', ${MOST_SEGMENTS})`);
  }
}
