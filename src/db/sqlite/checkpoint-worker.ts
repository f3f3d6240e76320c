import { workerData } from 'node:worker_threads';
import BetterSqlite from 'better-sqlite3';
import { answerQuestions } from './thread.ts';

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

answerQuestions<null, boolean>(() => {
  const [{ log, checkpointed } = { log: 0, checkpointed: 0 }] = database.pragma('wal_checkpoint(NOOP)') as Frames[];
  if (log - checkpointed < WORTH_PAGES) return false;
  // Waits for nobody: what a reader still needs stays in the log until the next time.
  database.pragma('wal_checkpoint(PASSIVE)');
  // Under writes that never rest the log would only grow. Little is left by now; writers try again meanwhile.
  if (log >= LONG_PAGES) database.pragma('wal_checkpoint(RESTART)');
  return true;
});
