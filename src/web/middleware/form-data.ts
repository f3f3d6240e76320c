import { Busboy } from '@fastify/busboy';
import { Malformed } from '../../kernel/errors.ts';
import type { Form } from '../context.ts';

/** No form of ours with a file comes near; a field is as long as a token at most. */
const LIMITS = { fields: 20, files: 1, parts: 21, fieldSize: 8 * 1024, headerPairs: 20, headerSize: 8 * 1024 };

/** A form with a file, in the pieces it stood in. */
export interface FormWithFile {
  readonly fields: Form;
  /** Null where no file was chosen. */
  readonly file: readonly Uint8Array[] | null;
}

/** Reads `multipart/form-data` (RFC 7578) that is in hand. What the file is called is not looked at. Throws `Malformed`. */
export async function readFormData(contentType: string, body: Buffer): Promise<FormWithFile> {
  const fields: Record<string, string> = Object.create(null) as Record<string, string>;
  const file: Buffer[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const refuse = () =>
    reject(new Malformed('The form is not multipart/form-data as RFC 7578 has it, or holds too much.'));
  try {
    const reader = new Busboy({ headers: { 'content-type': contentType }, limits: LIMITS });
    reader.on('field', (name, value, isNameCut, isValueCut) => {
      if (isNameCut || isValueCut) return refuse();
      if (name in fields) return reject(new Malformed('A field of the form came twice.', { field: name }));
      fields[name] = value;
    });
    reader.on('file', (_name, content) => content.on('data', (piece: Buffer) => file.push(piece)).on('error', refuse));
    for (const limit of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const) reader.on(limit, refuse);
    reader.on('error', refuse).on('finish', resolve);
    reader.end(body);
  } catch {
    refuse();
  }
  await promise;
  return { fields, file: file.length > 0 ? file : null };
}
