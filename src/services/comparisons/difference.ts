import { bodyText } from '../../kernel/body-text.ts';
import { REDACTED } from '../../kernel/masker.ts';
import { isReordered, type JsonChange, jsonChanges } from './json-changes.ts';
import { hasDoubles, type JsonTree, jsonTree, onLines } from './json-tree.ts';
import { textChanges, type TextLine } from './text-changes.ts';

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

/** A body to compare. */
export interface ComparedBody {
  readonly bytes: Uint8Array;
  readonly contentType: string | null;
}

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
  const [one, other] = [textOf(left), textOf(right)];
  if (one === null || other === null) return { how: 'hash', notes: [NO_TEXT[one === other ? 'both' : 'one']] };
  const notes = one.includes(REDACTED) && other.includes(REDACTED) ? [MASKED] : [];
  const [first, second] = [jsonTree(one), jsonTree(other)];
  if (first === null || second === null) return byLine(one, other, notes);
  const told = byStructure ? structural(first, second, notes) : null;
  return (
    told ??
    byLine(onLines(one), onLines(other), [
      ...notes,
      'This JSON is too deep or too long to compare by its structure. One value stands on a line.',
    ])
  );
}

const NO_TEXT = {
  both: 'Neither is text, so they are compared by their hashes.',
  one: 'Only one of them is text, so they are compared by their hashes.',
};

function structural(left: JsonTree, right: JsonTree, notes: readonly string[]): Difference | null {
  try {
    const changes = jsonChanges(left, right);
    const own = [
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
    return { how: 'json', changes: shown, more: changes.length - shown.length, notes: [...own, ...notes] };
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function byLine(left: string, right: string, notes: readonly string[]): Difference {
  const lines = textChanges(left, right);
  if (!lines) return { how: 'hash', notes: ['Too many lines differ to show them.', ...notes] };
  const shown = lines.slice(0, MOST_LINES).map((line) => ({ ...line, text: cut(line.text) }));
  const same = lines.length === 0 ? ['All values are the same and in the same order. Only white space differs.'] : [];
  return { how: 'text', lines: shown, more: lines.length - shown.length, notes: [...same, ...notes] };
}

function cut(text: string): string {
  return text.length > MOST_CHARACTERS
    ? `${text.slice(0, MOST_CHARACTERS)}… (${text.length - MOST_CHARACTERS} characters more)`
    : text;
}

/** Null where a byte does not fit, or one is NUL. */
function textOf({ bytes, contentType }: ComparedBody): string | null {
  const decoded = bodyText(bytes, contentType, false);
  return decoded?.isValid && !decoded.text.includes('\0') ? decoded.text : null;
}
