import { workerData } from 'node:worker_threads';
import BetterSqlite from 'better-sqlite3';
import { WordMerging } from './search/word-merging.ts';
import { answerQuestions } from './thread.ts';
import type { UpkeepTask } from './upkeep.ts';

/** Pages that are worth it: as many as SQLite itself waits for. */
const WORTH_PAGES = 1000;
/** From there on it is begun anew. */
const LONG_PAGES = 12_000;

interface Frames {
  readonly log: number;
  readonly checkpointed: number;
}

const { path } = workerData as { readonly path: string };
const database = new BetterSqlite(path, { fileMustExist: true, timeout: 0 });
const merging = new WordMerging(database);

answerQuestions<UpkeepTask, boolean>((task) => (task.what === 'merge' ? merging.merge(task.pages) : checkpoint()));

function checkpoint(): boolean {
  const [{ log, checkpointed } = { log: 0, checkpointed: 0 }] = database.pragma('wal_checkpoint(NOOP)') as Frames[];
  if (log - checkpointed < WORTH_PAGES) return false;
  // Waits for nobody: what a reader still needs stays in the log until the next time.
  database.pragma('wal_checkpoint(PASSIVE)');
  // Under writes that never rest the log would only grow. Little is left by now; writers try again meanwhile.
  if (log >= LONG_PAGES) database.pragma('wal_checkpoint(RESTART)');
  return true;
}
