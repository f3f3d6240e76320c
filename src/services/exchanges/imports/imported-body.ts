import { type HeaderPairs, headerValue } from '../../../kernel/headers.ts';
import { type HarEntry, isBase64 } from './har-schema.ts';

/** A body as a HAR holds it. */
export interface ImportedBody {
  readonly bytes: Uint8Array;
  readonly contentType: string | null;
  /** True where the file holds less of it than there was. */
  readonly truncated: boolean;
  /** How many went over the wire, as far as the file tells. */
  readonly wireBytes: number;
}

/** The body that was sent, or null. */
export function sentBody({ postData, headers, bodySize }: HarEntry['request'], isPart: boolean): ImportedBody | null {
  if (!postData) return null;
  const { mimeType, text, params, _encoding: encoding } = postData;
  const contentType = typeOf(pairsOf(headers), mimeType);
  const body = (bytes: Uint8Array, truncated: boolean) => {
    return { bytes, contentType, truncated, wireBytes: told(bodySize) ?? bytes.length };
  };
  if (text || !params?.length) return body(bytesOf(text ?? '', encoding), isPart);
  if (!contentType?.toLowerCase().includes('x-www-form-urlencoded')) return body(new Uint8Array(), true);
  const form = new URLSearchParams(params.map(({ name, value }): [string, string] => [name, value ?? '']));
  return body(Buffer.from(form.toString()), isPart);
}

/** The body that came back, or null where no answer did. */
export function receivedBody(
  { status, headers, content, bodySize }: HarEntry['response'],
  isPart: boolean,
): ImportedBody | null {
  const { size, mimeType, text, encoding } = content ?? {};
  const whole = told(size) ?? 0;
  if (status === 0 && typeof text !== 'string' && whole === 0) return null;
  const bytes = bytesOf(text ?? '', encoding);
  return {
    bytes,
    contentType: typeOf(pairsOf(headers), mimeType),
    truncated: isPart || (typeof text !== 'string' && whole > 0),
    wireBytes: told(bodySize) ?? Math.max(bytes.length, whole),
  };
}

/** HAR's -1 is for what nobody knows. */
function told(bytes: number | null | undefined): number | null {
  return typeof bytes === 'number' && bytes >= 0 ? Math.round(bytes) : null;
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
