/** Controls but tab and line ends (a CR alone is none), direction marks (UAX 9), zero-width spaces, non-characters and lone surrogates. */
const UNSEEN =
  // oxlint-disable-next-line no-control-regex
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff]|\r(?!\n)|\p{Surrogate}/gu;

/** Spells out every character that cannot be seen or changes the direction of its neighbours, as `⟨U+202E⟩`. */
export function visible(text: string): string {
  return text.replace(UNSEEN, (character) => `⟨U+${hex(character.codePointAt(0) ?? 0)}⟩`);
}

/** True when `visible` would change the text. */
export function hasUnseen(text: string): boolean {
  return text.search(UNSEEN) !== -1;
}

/** A text as a JSON string in which every such character is escaped, for pages to carry it as it is. */
export function escaped(text: string): string {
  return JSON.stringify(text).replace(UNSEEN, (character) => `\\u${hex(character.codePointAt(0) ?? 0)}`);
}

function hex(codePoint: number): string {
  return codePoint.toString(16).toUpperCase().padStart(4, '0');
}
