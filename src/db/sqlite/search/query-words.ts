import { SEARCH_COLUMNS, type SearchColumn } from '../../../kernel/search-document.ts';

/** Fewer letters would mean to gather almost every word there is. */
const SHORTEST_BEGINNING = 3;
/** A query of more parts is taken as it stands: its words. */
const MOST_PARTS = 40;

/** A word that is looked for. */
export interface SoughtWord {
  /** Folded as the index folds it. */
  readonly folded: string;
  /** Whether it is but the beginning of one. */
  readonly isBeginning: boolean;
}

/** Words that stand one after another. */
export interface Phrase {
  readonly words: readonly SoughtWord[];
  /** Where it is looked for; null for everywhere. */
  readonly columns: readonly SearchColumn[] | null;
  /** Whether it stands behind a NOT: what has it may be kept out. */
  readonly isExcluded: boolean;
}

/** The text's words as they stand, all of which have to be there: `GET /orders?x` finds what has `get` and `orders x`. */
export function plainQuery(text: string): string {
  return text
    .split(/\s+/)
    .filter((part) => wordsOf(part).length > 0)
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .join(' ');
}

/** Whether the text would cost more than it is worth as a query of FTS5: too many parts, or beginnings of no length. */
export function isTooBroad(text: string): boolean {
  return partsOf(text).filter(isWordy).length > MOST_PARTS || hasShortBeginning(text);
}

/** Whether a beginning in it has fewer letters than can be looked for. */
export function hasShortBeginning(text: string): boolean {
  const words = phrasesOf(text).flatMap((phrase) => phrase.words);
  return words.some(({ folded, isBeginning }) => isBeginning && folded.length < SHORTEST_BEGINNING);
}

const PART = /"((?:[^"]|"")*)"|[\p{L}\p{N}_\u0080-\uffff]+|[{}():*^+,-]/gu;
const OPERATORS: readonly string[] = ['AND', 'OR', 'NOT'];

interface Part {
  readonly text: string;
  readonly isQuoted: boolean;
}

function partsOf(query: string): Part[] {
  return [...query.matchAll(PART)].map(([text, quoted]) => ({ text: quoted ?? text, isQuoted: quoted !== undefined }));
}

function isWordy({ text, isQuoted }: Part): boolean {
  return (isQuoted || !OPERATORS.includes(text)) && wordsOf(text).length > 0;
}

/** What holds for the phrases between two operators, or between parentheses. */
interface Stretch {
  readonly columns: readonly SearchColumn[] | null;
  readonly isExcluded: boolean;
}

/** What a query of FTS5 looks for, left to right. A text that is no query is read as far as it resembles one. */
export function phrasesOf(query: string): Phrase[] {
  const parts = partsOf(query);
  const phrases: Phrase[] = [];
  const around: { readonly group: Stretch; readonly after: Stretch }[] = [];
  let group: Stretch = { columns: null, isExcluded: false };
  let here = group;
  let columns: readonly SearchColumn[] | null = null;
  for (let at = 0; at < parts.length; at += 1) {
    const { text, isQuoted } = parts[at]!;
    const mark = isQuoted ? '' : text;
    const colon = colonAfterColumns(parts, at);
    if (colon > at) {
      columns = columnsIn(parts.slice(at, colon));
      at = colon;
    } else if (mark === '(') {
      around.push({ group, after: here });
      group = { columns: both(here.columns, columns), isExcluded: here.isExcluded };
      here = group;
      columns = null;
    } else if (mark === ')') {
      ({ group, after: here } = around.pop() ?? { group, after: here });
    } else if (OPERATORS.includes(mark)) {
      here = mark === 'NOT' ? { ...group, isExcluded: true } : group;
    } else if (mark === ',') {
      // The number after it is how near NEAR is.
      at += 1;
    } else if (mark !== 'NEAR' || !isMark(parts[at + 1], '(')) {
      const { words, next } = phraseAt(parts, at);
      if (words.length === 0) continue;
      phrases.push({ words, columns: both(here.columns, columns), isExcluded: here.isExcluded });
      columns = null;
      at = next - 1;
    }
  }
  return phrases;
}

/** The words from there on that have to stand one after another: of one part, or of several with a plus between. */
function phraseAt(parts: readonly Part[], from: number) {
  const words: SoughtWord[] = [];
  for (let at = from; ; at += 1) {
    const part = wordsOf(parts[at]!.text);
    const isBeginning = isMark(parts[at + 1], '*');
    words.push(...part.map((folded, nth) => ({ folded, isBeginning: isBeginning && nth === part.length - 1 })));
    if (isBeginning) at += 1;
    if (!isMark(parts[at + 1], '+') || parts[at + 2] === undefined) return { words, next: at + 1 };
    at += 1;
  }
}

/** Where the colon stands after a column, or several in braces, or after all but those, that begin here; otherwise here. */
function colonAfterColumns(parts: readonly Part[], at: number): number {
  const from = isMark(parts[at], '-') ? at + 1 : at;
  const close = isMark(parts[from], '{') ? parts.findIndex((part, index) => index > from && isMark(part, '}')) : from;
  return close >= from && isMark(parts[close + 1], ':') ? close + 1 : at;
}

function columnsIn(parts: readonly Part[]): readonly SearchColumn[] {
  const names = parts.map(({ text }) => text.toLowerCase());
  const isAllBut = isMark(parts[0], '-');
  return SEARCH_COLUMNS.filter((column) => names.includes(column) !== isAllBut);
}

/** What is in both lists of columns; null stands for all of them. */
function both(one: readonly SearchColumn[] | null, other: readonly SearchColumn[] | null) {
  return one && other ? one.filter((column) => other.includes(column)) : (one ?? other);
}

function isMark(part: Part | undefined, mark: string): boolean {
  return part !== undefined && !part.isQuoted && part.text === mark;
}

const WORD = /[\p{L}\p{N}\p{Co}][\p{L}\p{N}\p{Co}\p{M}]*/gu;

/** A word of a text, where it begins and ends, and as the index folds it: without case and without accents. */
export interface Word {
  readonly start: number;
  readonly end: number;
  readonly folded: string;
}

/** The words of a text, one by one, as FTS5's `unicode61` finds them. */
export function* eachWord(text: string): Generator<Word> {
  for (const { 0: word, index } of text.matchAll(WORD))
    yield { start: index, end: index + word.length, folded: folded(word) };
}

function wordsOf(text: string): string[] {
  return [...eachWord(text)].map((word) => word.folded);
}

function folded(word: string): string {
  const lower = word.toLowerCase();
  return /[\u0080-\uffff]/.test(lower) ? lower.normalize('NFD').replaceAll(/\p{M}/gu, '') : lower;
}
