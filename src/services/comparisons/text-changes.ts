import { structuredPatch } from 'diff';

/** A line of a comparison: a `gap` stands for lines that are the same on both sides, `end` for a missing last line end. */
export interface TextLine {
  readonly kind: 'same' | 'added' | 'removed' | 'gap' | 'end';
  readonly text: string;
  /** Its number on each side, from 1. */
  readonly left: number | null;
  readonly right: number | null;
}

const CONTEXT = 3;
/** Texts with more lines changed than this are told apart by their hashes only. */
const MOST_EDITS = 20_000;

/** What differs between two texts, line by line, with the lines around it; null where that is too much. */
export function textChanges(left: string, right: string): TextLine[] | null {
  const patch = structuredPatch('', '', left, right, '', '', { context: CONTEXT, maxEditLength: MOST_EDITS });
  if (!patch) return null;
  const lines: TextLine[] = [];
  let next = 1;
  for (const { oldStart, newStart, lines: hunk } of patch.hunks) {
    if (oldStart > next) lines.push({ kind: 'gap', text: '', left: null, right: null });
    next = addHunk(lines, hunk, oldStart, newStart);
  }
  return lines;
}

/** Adds the lines of a hunk and gives the number of the line after it on the left. */
function addHunk(lines: TextLine[], hunk: readonly string[], left: number, right: number): number {
  let [one, other] = [left, right];
  for (const line of hunk) {
    const text = line.slice(1);
    if (line.startsWith('+')) lines.push({ kind: 'added', text, left: null, right: other++ });
    else if (line.startsWith('-')) lines.push({ kind: 'removed', text, left: one++, right: null });
    else if (line.startsWith('\\')) lines.push({ kind: 'end', text: 'No line end here', left: null, right: null });
    else lines.push({ kind: 'same', text, left: one++, right: other++ });
  }
  return one;
}
