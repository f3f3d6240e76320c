import type { HeaderPairs } from '../kernel/headers.ts';
import { type BodyMaskStream, type MaskedBody, type Masker, REDACTED } from '../kernel/masker.ts';
import { nameReader } from './body-names.ts';
import { ByValue } from './by-value.ts';
import type { BasicPair } from './encodings.ts';
import { maskQueries } from './fields.ts';
import { MaskStream } from './mask-stream.ts';
import { maskLogText } from './log-masking.ts';
import { Names } from './names.ts';
import { maskShapes } from './shapes.ts';
import { NamelessReader } from './name-reader.ts';
import { maskSpans } from './spans.ts';

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

  constructor(subject: MaskingSubject) {
    this.#byValue = new ByValue(subject.secrets, subject.basicPairs);
    this.#names = new Names(subject);
    this.#isWide = subject.wide;
  }

  url(url: string): string {
    return maskShapes(maskQueries(this.#byValue.text(url), this.#names.isField));
  }

  headers(headers: HeaderPairs): HeaderPairs {
    return headers.map(([name, value]) => [
      this.#byValue.text(name),
      this.#names.isHeader(name) ? REDACTED : this.url(value),
    ]);
  }

  body(bytes: Uint8Array, contentType: string | null, isCut = false): MaskedBody {
    if (bytes.length === 0) return { bytes, masked: false };
    const spans = nameReader(contentType, this.#names, this.#isWide).push(bytes, true);
    for (const span of this.#byValue.spans(bytes, isCut)) spans.push(span);
    return { bytes: maskSpans(bytes, spans), masked: spans.length > 0 };
  }

  bodyStream(contentType: string | null): BodyMaskStream {
    return new MaskStream(nameReader(contentType, this.#names, this.#isWide), this.#byValue);
  }

  valueStream(): BodyMaskStream {
    return new MaskStream(new NamelessReader(), this.#byValue);
  }

  text(text: string): string {
    return maskLogText(this.#byValue.text(text));
  }
}
