import type { HeaderPairs } from '../kernel/headers.ts';
import { type BodyMaskStream, type MaskedBody, type Masker, REDACTED } from '../kernel/masker.ts';
import { bodySpans } from './body-names.ts';
import { ByValue } from './by-value.ts';
import { type BasicPair, SHORTEST_SECRET } from './encodings.ts';
import { maskQueries } from './fields.ts';
import { MaskStream } from './mask-stream.ts';
import { maskLogText } from './log-masking.ts';
import { Names } from './names.ts';
import { maskShapes } from './shapes.ts';
import { maskSpans, type Span } from './spans.ts';

/** What has to stay in for one exchange: of a connection, or of the token call for it. */
export interface MaskingSubject {
  /** Every live secret: those of 8 characters or more are masked by value. */
  readonly secrets: readonly string[];
  /** Ids and secrets that travel together in Basic authentication. */
  readonly basicPairs?: readonly BasicPair[];
  /** True for token, authorisation and device calls: the long list of names in JSON too. */
  readonly wide: boolean;
  /** Names masked besides. The name of an API key belongs here; these win over `unmaskNames`. */
  readonly maskNames?: readonly string[];
  /** Names an owner spared. By value still applies, and `authorization` is never spared. */
  readonly unmaskNames?: readonly string[];
}

/** Beginnings of secrets are looked for in so many last bytes of a body that was cut. */
const LONGEST_BEGINNING = 128 * 1024;

const compiled = new WeakMap<MaskingSubject, CompiledMasker>();

/** The masker of a subject, made once for each object: keep either. */
export function maskerFor(subject: MaskingSubject): Masker {
  const known = compiled.get(subject);
  if (known) return known;
  const masker = new CompiledMasker(subject);
  compiled.set(subject, masker);
  return masker;
}

class CompiledMasker implements Masker {
  readonly #byValue: ByValue;
  readonly #names: Names;
  readonly #isWide: boolean;
  readonly #isField = (name: string) => this.#names.isField(name);

  constructor(subject: MaskingSubject) {
    this.#byValue = new ByValue(subject.secrets, subject.basicPairs);
    this.#names = new Names(subject);
    this.#isWide = subject.wide;
  }

  url(url: string): string {
    return maskShapes(maskQueries(this.#byValue.text(url), this.#isField));
  }

  headers(headers: HeaderPairs): HeaderPairs {
    return headers.map(([name, value]) => [name, this.#names.isHeader(name) ? REDACTED : this.url(value)] as const);
  }

  body(bytes: Uint8Array, contentType: string | null, isCut = false): MaskedBody {
    if (bytes.length === 0) return { bytes, masked: false };
    const named = bodySpans(bytes, contentType, this.#names, this.#isWide);
    const spans = [...named, ...this.#byValue.spans(bytes), ...(isCut ? this.#begun(bytes) : [])];
    return { bytes: maskSpans(bytes, spans), masked: spans.length > 0 };
  }

  bodyStream(contentType: string | null): BodyMaskStream {
    const parts: Uint8Array[] = [];
    let masked = false;
    return {
      get masked() {
        return masked;
      },
      push: (bytes) => {
        parts.push(bytes);
        return new Uint8Array();
      },
      end: (isCut) => {
        const body = this.body(Buffer.concat(parts), contentType, isCut);
        masked = body.masked;
        return body.bytes;
      },
    };
  }

  valueStream(): BodyMaskStream {
    return new MaskStream(this.#byValue);
  }

  text(text: string): string {
    return maskLogText(this.#byValue.text(text));
  }

  /** A secret whose end did not come along. Fewer bytes than the shortest secret has tell nobody anything. */
  #begun(bytes: Uint8Array): Span[] {
    const from = Math.max(0, bytes.length - LONGEST_BEGINNING);
    const start = from + this.#byValue.openFrom(bytes.subarray(from));
    return bytes.length - start >= SHORTEST_SECRET ? [{ start, end: bytes.length }] : [];
  }
}
