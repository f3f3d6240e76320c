/** Line ends that a body can be sent with. */
export const LINE_ENDS = ['lf', 'crlf'] as const;
export type LineEnds = (typeof LINE_ENDS)[number];

/** The bytes of a body that came in a field of a form, which writes every line end as CR LF. */
export function typedBody(field: string, lineEnds: LineEnds): Buffer {
  const text = field.replaceAll('\r\n', '\n');
  return Buffer.from(lineEnds === 'crlf' ? text.replaceAll('\n', '\r\n') : text);
}

/** The line ends of a text, told by its first one. */
export function lineEndsOf(text: string): LineEnds {
  return /^[^\r\n]*\r\n/.test(text) ? 'crlf' : 'lf';
}

/** Why a field of a form cannot give back a text as it is, as half a sentence; null where it can (HTML, section 4.10.11). */
export function fieldFault(text: string): string | null {
  if (text.includes('\0')) return 'it holds a NUL, for which a text field has no place';
  const given = text.replaceAll(/\r\n|\r|\n/g, '\r\n');
  return typedBody(given, lineEndsOf(text)).equals(Buffer.from(text))
    ? null
    : 'its line ends are neither all LF nor all CR LF';
}
