import { SEARCH_COLUMNS, type SearchColumn } from '../../../kernel/search-document.ts';

/** Fewer letters would mean to gather almost every word there is. */
const SHORTEST_BEGINNING = 3;
/** A query of more parts is taken as it stands: its words. */
const MOST_PARTS = 40;

/** Words that stand one after another. */
export interface Phrase {
  /** Folded as the index folds them. */
  readonly words: readonly string[];
  /** Whether the last word is but the beginning of one. */
  readonly isBeginning: boolean;
  /** Where it is looked for; null for everywhere. */
  readonly columns: readonly SearchColumn[] | null;
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
  const parts = phrasesOf(text);
  return (
    parts.length > MOST_PARTS ||
    parts.some(({ words, isBeginning }) => isBeginning && (words.at(-1) ?? '').length < SHORTEST_BEGINNING)
  );
}

const PART = /"((?:[^"]|"")*)"|[\p{L}\p{N}_\u0080-\uffff]+|[{}():*^+,-]/gu;
const OPERATORS: readonly string[] = ['AND', 'OR', 'NOT', 'NEAR'];

interface Part {
  readonly text: string;
  readonly isQuoted: boolean;
}

/** What a query of FTS5 looks for, left to right. */
export function phrasesOf(query: string): Phrase[] {
  const parts = [...query.matchAll(PART)].map(([text, quoted]) => ({
    text: quoted ?? text,
    isQuoted: quoted !== undefined,
  }));
  const phrases: Phrase[] = [];
  let columns: readonly SearchColumn[] | null = null;
  for (let at = 0; at < parts.length; at += 1) {
    const { text, isQuoted } = parts[at]!;
    const end = endOfColumns(parts, at);
    if (end > at) {
      columns = columnsIn(parts.slice(at, end));
      at = end;
      continue;
    }
    // The number after a comma is how near NEAR is.
    if (!isQuoted && text === ',') at += 1;
    if (!isQuoted && OPERATORS.includes(text)) continue;
    const words = wordsOf(text);
    if (words.length === 0) continue;
    phrases.push({ words, isBeginning: isMark(parts[at + 1], '*'), columns });
    columns = null;
  }
  return phrases;
}

/** Where the colon stands after a column, or several in braces, that begin here; otherwise here. */
function endOfColumns(parts: readonly Part[], at: number): number {
  if (!isMark(parts[at], '{')) return isMark(parts[at + 1], ':') ? at + 1 : at;
  const close = parts.findIndex((part, index) => index > at && isMark(part, '}'));
  return close > 0 && isMark(parts[close + 1], ':') ? close + 1 : at;
}

function columnsIn(parts: readonly Part[]): readonly SearchColumn[] {
  const names = parts.map(({ text }) => text.toLowerCase());
  return SEARCH_COLUMNS.filter((column) => names.includes(column));
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
