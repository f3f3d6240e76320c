import type { Hit } from '../../../kernel/search.ts';
import { SEARCH_COLUMNS, type SearchColumn, type SearchDocument } from '../../../kernel/search-document.ts';
import { eachWord, type Phrase, type Word } from './query-words.ts';

/** Characters shown on each side. */
const AROUND = 48;
const LONGEST_MATCH = 120;

/** People look for what was said before they look at what it was said with. */
const ORDER: readonly SearchColumn[] = ['url', 'response_body', 'request_body', 'response_headers', 'request_headers'];

/**
 * Where the first of the phrases stands that does and is not kept out; null where none is found, as in text the index does
 * not hold.
 */
export function hitIn(document: SearchDocument, phrases: readonly Phrase[]): Hit | null {
  for (const column of [...ORDER, ...SEARCH_COLUMNS.filter((name) => !ORDER.includes(name))]) {
    const wanted = phrases.filter(
      ({ columns, isExcluded }) => !isExcluded && (columns === null || columns.includes(column)),
    );
    const place = wanted.length === 0 ? null : firstPlace(document[column], wanted);
    if (place) return { column, ...around(document[column], place) };
  }
  return null;
}

interface Place {
  readonly start: number;
  readonly end: number;
}

function firstPlace(text: string, phrases: readonly Phrase[]): Place | null {
  const most = Math.max(...phrases.map(({ words }) => words.length));
  const last: Word[] = [];
  for (const word of eachWord(text)) {
    last.push(word);
    if (last.length > most) last.shift();
    const phrase = phrases.find((each) => endsWith(last, each));
    if (phrase) return { start: last.at(-phrase.words.length)!.start, end: word.end };
  }
  return null;
}

function endsWith(last: readonly Word[], { words }: Phrase): boolean {
  const from = last.length - words.length;
  if (from < 0) return false;
  return words.every((wanted, at) => {
    const { folded } = last[from + at]!;
    return wanted.isBeginning ? folded.startsWith(wanted.folded) : folded === wanted.folded;
  });
}

function around(text: string, { start, end }: Place) {
  const from = Math.max(0, start - AROUND);
  const stop = Math.min(end, start + LONGEST_MATCH);
  const until = Math.min(text.length, stop + AROUND);
  return {
    before: `${from > 0 ? '…' : ''}${onOneLine(text.slice(from, start))}`,
    match: onOneLine(text.slice(start, stop)),
    after: `${onOneLine(text.slice(stop, until))}${until < text.length ? '…' : ''}`,
  };
}

function onOneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').toWellFormed();
}
