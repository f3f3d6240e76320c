import { LongText } from './body-text.ts';

/** A value in JSON (RFC 8259), at once but for the long texts in it. */
export async function* jsonPieces(value: object): AsyncGenerator<string> {
  const long: LongText[] = [];
  const mark = (_: string, one: unknown): unknown => {
    if (!(one instanceof LongText)) return one;
    long.push(one);
    return { [HERE]: true };
  };
  const [first = '', ...parts] = split(JSON.stringify(value, mark), long.length);
  yield first;
  for (const [at, part] of parts.entries()) {
    yield '"';
    for await (const piece of long[at]!.pieces()) yield JSON.stringify(piece).slice(1, -1);
    yield `"${part}`;
  }
}

/** The name of a member that nothing else has: it stands for a long text, in JSON as no string can (its quotes are bare). */
const HERE = 'read while it is written';
const MARK = `{"${HERE}":true}`;

/** Nothing is looked for where nothing long is. */
function split(json: string, count: number): string[] {
  return count === 0 ? [json] : json.split(MARK);
}
