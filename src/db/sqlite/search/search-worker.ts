import { parentPort, workerData } from 'node:worker_threads';
import BetterSqlite from 'better-sqlite3';
import type { SearchWish } from '../../../kernel/search.ts';
import { Finder, type Limits } from './finder.ts';
import type { SearchAnswer } from './search-thread.ts';

const { path, limits } = workerData as { readonly path: string; readonly limits: Limits };
const database = new BetterSqlite(path, { readonly: true, timeout: 1000 });
// A phrase of common words goes through most of the index: what it has read stays until somebody writes. 64 MiB.
database.pragma('cache_size = -65536');
const finder = new Finder(database, limits);

// A thread of its own, so that a search holds up nobody but the next one.
parentPort?.on('message', (wish: SearchWish) => parentPort?.postMessage(answerTo(wish), []));

function answerTo(wish: SearchWish): SearchAnswer {
  try {
    return { reply: finder.find(wish) };
  } catch (error) {
    return { error };
  }
}
