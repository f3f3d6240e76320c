import { REDACTED } from '../../kernel/masker.ts';
import { isReordered, type JsonChange, jsonChanges } from './json-changes.ts';
import { hasDoubles, type JsonTree, jsonTree, onLines } from './json-tree.ts';
import { textChanges, type TextLine } from './text-changes.ts';
import {
  type ComparedBody,
  encodingNotes,
  lineEndNotes,
  withPlainEnds,
  writtenText,
  type WrittenText,
} from './written-text.ts';

/** What differs between two bodies. `notes` are sentences about how they were compared; `more` is what was left out. */
export type Difference =
  | {
      readonly how: 'json';
      readonly changes: readonly JsonChange[];
      readonly more: number;
      readonly notes: readonly string[];
    }
  | {
      readonly how: 'text';
      readonly lines: readonly TextLine[];
      readonly more: number;
      readonly notes: readonly string[];
    }
  | { readonly how: 'hash'; readonly notes: readonly string[] };

/** What a thread tells: that it begins, since how long it took to start is no fault of the bodies, and what it found. */
export type Told = 'started' | Difference;

/** Two bodies, and whether JSON may be compared by its structure. */
export interface ComparedPair {
  readonly left: ComparedBody;
  readonly right: ComparedBody;
  readonly byStructure: boolean;
}

const MOST_CHANGES = 500;
const MOST_LINES = 2000;
const MOST_CHARACTERS = 2000;
const MASKED = `${REDACTED} stands on both sides where a secret was. Whether the secrets were the same is not known.`;
const DOUBLES = 'A key stands more than once in the same object. Each is compared with the one of the same count.';

/** Compares two bodies of some size: by structure, by line, or not at all where one is no text. Takes as long as it takes. */
export function differenceOf({ left, right, byStructure }: ComparedPair): Difference {
  const [one, other] = [writtenText(left), writtenText(right)];
  if (one === null || other === null) return { how: 'hash', notes: [NO_TEXT[one === other ? 'both' : 'one']] };
  const told = betweenTexts(one.text, other.text, byStructure);
  return { ...told, notes: [...encodingNotes(one, other), ...told.notes, ...maskNotes(one, other)] };
}

function betweenTexts(left: string, right: string, byStructure: boolean): Difference {
  if (left === right) return { how: 'text', lines: [], more: 0, notes: [SAME_TEXT] };
  const [first, second] = [jsonTree(left), jsonTree(right)];
  if (first === null || second === null) return ofText(left, right);
  return (
    (byStructure ? structural(first, second) : null) ?? byLine(onLines(left), onLines(right), SAME_TOKENS, [TOO_DEEP])
  );
}

const SAME_TEXT = 'The text is the same, character for character. Only the bytes it is written in differ.';
const SAME_TOKENS = 'All values are the same and in the same order. Only white space differs.';
const SAME_LINES = 'All lines are the same but for their ends.';
const TOO_DEEP = 'This JSON is too deep or too long to compare by its structure. One value stands on a line.';
const NO_TEXT = {
  both: 'Neither is text, so they are compared by their hashes.',
  one: 'Only one of them is text, so they are compared by their hashes.',
};

function maskNotes(left: WrittenText, right: WrittenText): string[] {
  return left.text.includes(REDACTED) && right.text.includes(REDACTED) ? [MASKED] : [];
}

function structural(left: JsonTree, right: JsonTree): Difference | null {
  try {
    const changes = jsonChanges(left, right);
    const notes = [
      ...(hasDoubles(left) || hasDoubles(right) ? [DOUBLES] : []),
      ...(isReordered(left, right) ? ['Keys stand in another order.'] : []),
      ...(changes.length === 0
        ? ['All values are the same. Only how they are written differs: white space, escapes or the order of keys.']
        : []),
    ];
    const shown = changes.slice(0, MOST_CHANGES).map((change) => ({
      ...change,
      before: change.before && cut(change.before),
      after: change.after && cut(change.after),
    }));
    return { how: 'json', changes: shown, more: changes.length - shown.length, notes };
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function ofText(left: string, right: string): Difference {
  return byLine(withPlainEnds(left), withPlainEnds(right), SAME_LINES, lineEndNotes(left, right));
}

/** `same`: what to say where no line differs. */
function byLine(left: string, right: string, same: string, notes: readonly string[]): Difference {
  const lines = textChanges(left, right);
  if (!lines) return { how: 'hash', notes: ['Too many lines differ to show them.', ...notes] };
  const shown = lines.slice(0, MOST_LINES).map((line) => ({ ...line, text: cut(line.text) }));
  return {
    how: 'text',
    lines: shown,
    more: lines.length - shown.length,
    notes: [...notes, ...(lines.length === 0 ? [same] : [])],
  };
}

function cut(text: string): string {
  return text.length > MOST_CHARACTERS
    ? `${text.slice(0, MOST_CHARACTERS)}… (${text.length - MOST_CHARACTERS} characters more)`
    : text;
}
