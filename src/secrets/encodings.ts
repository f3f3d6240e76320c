import type { Needle } from './needles.ts';

/** Secrets shorter than this are masked by name only: by value they would hit ordinary text. */
export const SHORTEST_SECRET = 8;

/** An id and a secret that travel as `base64(id:secret)` (RFC 7617; form-encoded first in RFC 6749, section 2.3.1). */
export type BasicPair = readonly [id: string, secret: string];

/**
 * Every form that has to be looked for as it stands: raw, base64 and base64url at each of three alignments, hexadecimal.
 * Escaped forms are not here; `escapes.ts` undoes those.
 */
export function needlesOf(secrets: readonly string[], pairs: readonly BasicPair[] = []): Needle[] {
  const needles = new Map<string, Needle>();
  const add = (text: string, needle: Omit<Needle, 'bytes'>) => {
    if (text.length >= SHORTEST_SECRET) {
      needles.set(`${text} ${needle.caseless}`, { ...needle, bytes: Buffer.from(text, 'latin1') });
    }
  };

  for (const secret of secrets.filter((text) => [...text].length >= SHORTEST_SECRET)) {
    for (const form of rawForms(secret)) add(form.toString('latin1'), RAW);
    for (const form of innerForms(secret)) {
      for (const [text, needle] of base64Forms(form)) add(text, needle);
      add(form.toString('hex'), { ...RAW, caseless: true });
    }
  }
  for (const [id, secret] of pairs.filter(([, text]) => text !== '')) {
    for (const pair of pairForms(id, secret)) for (const [text, needle] of base64Forms(pair)) add(text, needle);
  }
  return [...needles.values()];
}

const RAW = { caseless: false, sharesFirst: false, sharesLast: false };

function rawForms(secret: string): Buffer[] {
  return distinct([secret, secret.replaceAll(' ', '+')]);
}

/** What a secret may look like inside something that was then encoded as a whole. */
function innerForms(secret: string): Buffer[] {
  return distinct([secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(wellFormed(secret)), form(secret)]);
}

function pairForms(id: string, secret: string): Buffer[] {
  return distinct([
    `${id}:${secret}`,
    `${form(id)}:${form(secret)}`,
    `${encodeURIComponent(wellFormed(id))}:${encodeURIComponent(wellFormed(secret))}`,
  ]);
}

/** Each text in UTF-8 and, where it fits and differs, in ISO 8859-1. */
function distinct(texts: readonly string[]): Buffer[] {
  const bytes = texts.flatMap((text) => {
    const narrow = Buffer.from(text, 'latin1');
    return narrow.toString('latin1') === text ? [Buffer.from(text), narrow] : [Buffer.from(text)];
  });
  return [...new Map(bytes.map((buffer) => [buffer.toString('latin1'), buffer])).values()];
}

/** The base64 digits that these bytes alone decide, wherever they stand in a longer text that is encoded as a whole. */
function base64Forms(bytes: Buffer): [string, Omit<Needle, 'bytes'>][] {
  return [0, 1, 2].flatMap((before) => {
    const digits = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    const bits = (before + bytes.length) * 8;
    const decided = digits.slice(Math.ceil((before * 8) / 6), Math.floor(bits / 6));
    const needle = { caseless: false, sharesFirst: before > 0, sharesLast: bits % 6 !== 0 };
    const forms = new Set([decided, decided.replaceAll('+', '-').replaceAll('/', '_')]);
    return [...forms].map((text): [string, Omit<Needle, 'bytes'>] => [text, needle]);
  });
}

function form(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1);
}

/** `encodeURIComponent` throws for a lone surrogate. */
function wellFormed(text: string): string {
  return text.toWellFormed();
}
