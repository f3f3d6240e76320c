import { boundaryOf, FormDataReader } from './form-data.ts';
import { FormReader } from './form-fields.ts';
import { MemberReader } from './json-members.ts';
import { NamelessReader, type NameReader } from './name-reader.ts';
import type { Names } from './names.ts';
import { UntypedReader } from './untyped-names.ts';

const LINES_OF_JSON = /event-stream|ndjson|jsonl|json-seq|json-lines/;

/** What finds masked names' values in a body, by what the body is: JSON, a form, form data; nothing in other bodies. */
export function nameReader(contentType: string | null, names: Names, isWide: boolean): NameReader {
  const type = contentType?.toLowerCase() ?? '';
  if (type.includes('multipart/form-data')) {
    const boundary = boundaryOf(contentType ?? '');
    return boundary ? new FormDataReader(boundary, names.isField) : new NamelessReader();
  }
  if (type.includes('x-www-form-urlencoded')) return new FormReader(names.isField);
  if (LINES_OF_JSON.test(type)) return new MemberReader(names.isMember, true);
  if (type.includes('json')) return new MemberReader(names.isMember, false);
  return new UntypedReader(names, isWide);
}
