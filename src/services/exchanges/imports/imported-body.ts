import { type HeaderPairs, headerValue } from '../../../kernel/headers.ts';
import { type HarEntry, isBase64 } from './har-schema.ts';

/** A body as a HAR holds it. */
export interface ImportedBody {
  readonly bytes: Uint8Array;
  readonly contentType: string | null;
  /** True where the file holds less of it than there was. */
  readonly truncated: boolean;
}

/** An answer's body, and what it took on the wire as far as the file tells. */
export interface ImportedAnswerBody extends ImportedBody {
  readonly wireBytes: number;
}

/** The body that was sent, or null. */
export function sentBody({ postData, headers }: HarEntry['request'], isPart: boolean): ImportedBody | null {
  if (!postData) return null;
  const { mimeType, text, params, _encoding } = postData;
  const contentType = typeOf(pairsOf(headers), mimeType);
  if (text || !params?.length) return { bytes: bytesOf(text ?? '', _encoding), contentType, truncated: isPart };
  if (!contentType?.toLowerCase().includes('x-www-form-urlencoded'))
    return { bytes: new Uint8Array(), contentType, truncated: true };
  const form = new URLSearchParams(params.map(({ name, value }): [string, string] => [name, value ?? '']));
  return { bytes: Buffer.from(form.toString()), contentType, truncated: isPart };
}

/** The body that came back, or null where no answer did. */
export function receivedBody(
  { status, headers, content, bodySize }: HarEntry['response'],
  isPart: boolean,
): ImportedAnswerBody | null {
  const { size, mimeType, text, encoding } = content ?? {};
  const told = size ?? 0;
  if (status === 0 && typeof text !== 'string' && told <= 0) return null;
  const bytes = bytesOf(text ?? '', encoding);
  const whole = Math.max(bytes.length, told);
  return {
    bytes,
    contentType: typeOf(pairsOf(headers), mimeType),
    truncated: isPart || (typeof text !== 'string' && told > 0),
    wireBytes: typeof bodySize === 'number' && bodySize >= 0 ? Math.round(bodySize) : whole,
  };
}

/** Headers as we hold them. */
export function pairsOf(headers: HarEntry['request']['headers']): HeaderPairs {
  return headers.map(({ name, value }) => [name, value]);
}

function typeOf(headers: HeaderPairs, mimeType: string | null | undefined): string | null {
  return headerValue(headers, 'content-type') ?? (mimeType || null);
}

function bytesOf(text: string, encoding: string | null | undefined): Buffer {
  return Buffer.from(text, isBase64(encoding) ? 'base64' : 'utf8');
}
