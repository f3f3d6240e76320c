import { workerData } from 'node:worker_threads';
import BetterSqlite from 'better-sqlite3';
import type { SearchReply, SearchWish } from '../../../kernel/search.ts';
import { answerQuestions } from '../thread.ts';
import { Finder, type Limits } from './finder.ts';

const { path, limits } = workerData as { readonly path: string; readonly limits: Limits };
const database = new BetterSqlite(path, { readonly: true, timeout: 1000 });
// A phrase of common words goes through most of the index: what it has read stays until somebody writes. 64 MiB.
database.pragma('cache_size = -65536');
const finder = new Finder(database, limits);

answerQuestions<SearchWish, SearchReply>((wish) => finder.find(wish));
