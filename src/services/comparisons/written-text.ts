import { bodyText } from '../../kernel/body-text.ts';

/** A body to compare. */
export interface ComparedBody {
  readonly bytes: Uint8Array;
  readonly contentType: string | null;
}

/** A body as text, without its byte order mark, and what else its bytes say. */
export interface WrittenText {
  readonly text: string;
  /** By its name in the Encoding Standard. */
  readonly encoding: string;
  readonly isMarked: boolean;
}

const LINE_END = /\r\n|\r|\n/g;
const END_WORDS: Readonly<Record<string, string>> = { '\r\n': 'CR LF', '\n': 'LF', '\r': 'CR' };

/** Null where a byte does not fit, or one is NUL. */
export function writtenText({ bytes, contentType }: ComparedBody): WrittenText | null {
  const decoded = bodyText(bytes, contentType, false);
  if (!decoded?.isValid || decoded.text.includes('\0')) return null;
  const { text, encoding } = decoded;
  const isMarked = text.startsWith('\ufeff');
  return { text: isMarked ? text.slice(1) : text, encoding, isMarked };
}

/** What differs in how two texts are put into bytes, in sentences. */
export function encodingNotes(left: WrittenText, right: WrittenText): string[] {
  const notes: string[] = [];
  if (left.encoding !== right.encoding)
    notes.push(`The encodings differ: the earlier is read as ${left.encoding}, the later as ${right.encoding}.`);
  if (left.isMarked !== right.isMarked)
    notes.push(`Only the ${left.isMarked ? 'earlier' : 'later'} begins with a byte order mark.`);
  return notes;
}

/** A text with LF at the end of every line. */
export function withPlainEnds(text: string): string {
  return text.replaceAll(LINE_END, '\n');
}

/** What is to be known of the line ends of two texts; nothing where they are of one kind, or one text is one line. */
export function lineEndNotes(left: string, right: string): string[] {
  const [one, other] = [endsOf(left), endsOf(right)];
  if (one === '' || other === '') return [];
  if (one !== other)
    return [`The line ends differ: the earlier has ${one}, the later ${other}. Lines are compared without them.`];
  return one.includes(' and ') ? [`Both have ${one} at the ends of lines. Lines are compared without them.`] : [];
}

function endsOf(text: string): string {
  const kinds = new Set([...text.matchAll(LINE_END)].map(([end]) => END_WORDS[end]));
  return [...kinds].toSorted().join(' and ');
}
