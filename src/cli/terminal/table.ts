const GAP = '  ';
const WIDE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}]/gu;

/** A table with its columns aligned, a heading over each unless there are none. */
export function table(headings: readonly string[] | null, rows: readonly (readonly string[])[]): string {
  const lines = [...(headings ? [headings] : []), ...rows.map((row) => row.map(inOneLine))];
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => widthOf(line[column] ?? ''))));
  return lines
    .map((line) =>
      line
        .map((cell, column) => padded(cell, widths[column] ?? 0))
        .join(GAP)
        .trimEnd(),
    )
    .join('\n');
}

/** Names and values under each other. */
export function facts(pairs: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(...pairs.map(([name]) => widthOf(name)));
  return pairs.map(([name, value]) => `${padded(name, width)}${GAP}${inOneLine(value)}`.trimEnd()).join('\n');
}

/** A text from elsewhere, so that it can neither break a line nor move the cursor. */
export function inOneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]/gu, '\u{fffd}');
}

/** Marks that stand over others take no room, ideographs take two columns. */
function widthOf(text: string): number {
  const marks = text.match(/\p{M}/gu)?.length ?? 0;
  const wide = text.match(WIDE)?.length ?? 0;
  return [...text].length - marks + wide;
}

function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}
