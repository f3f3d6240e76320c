import { createHash } from 'node:crypto';

const METHODS = ['GET', 'GET', 'GET', 'GET', 'GET', 'POST', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
const STATUSES = [200, 200, 200, 200, 200, 200, 201, 204, 304, 400, 401, 404, 404, 409, 422, 429, 500, 503] as const;
const PLACES = ['orders', 'customers', 'invoices', 'shipments', 'products', 'returns', 'payments', 'webhooks'] as const;
const SYLLABLES = ['ka', 'lo', 'mi', 'ren', 'tor', 'va', 'zu', 'pel', 'sin', 'dra', 'qui', 'bo', 'ner', 'fa', 'hel'];

/** What one call was about, made up: the same for the same number. */
export interface MadeUp {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly requestBody: string | null;
  readonly responseBody: string | null;
  readonly totalMs: number;
}

/** The call of that number: a tenth have a body, answers are JSON of 0.1 to 3 KiB, and half are like another one. */
export function madeUp(number: number): MadeUp {
  const draw = drawsOf(number);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(draw() * from.length)] as T;
  const method = pick(METHODS);
  const place = pick(PLACES);
  const status = pick(STATUSES);
  const id = Math.floor(draw() * 1_000_000);
  const isList = method === 'GET' && draw() < 0.4;
  const items = isList ? 1 + Math.floor(draw() * 12) : 1;
  // Answers repeat in real life: the same list is fetched again.
  const words = drawsOf(draw() < 0.5 ? number % 5_000 : number);
  const hasBody = method !== 'GET' && method !== 'DELETE';
  return {
    method,
    path: isList ? `/${place}?page=${1 + (id % 90)}&limit=${items}` : `/${place}/${id}`,
    status,
    requestBody: hasBody ? JSON.stringify(itemOf(words)) : null,
    responseBody:
      status === 204 || status === 304 ? null : JSON.stringify(Array.from({ length: items }, () => itemOf(words))),
    totalMs: Math.round(draw() ** 4 * 4_000 * 10) / 10 + 5,
  };
}

/** SHA-256 in hex. */
export function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function itemOf(draw: () => number): object {
  const word = () =>
    Array.from({ length: 2 + Math.floor(draw() * 2) }, () => SYLLABLES[Math.floor(draw() * SYLLABLES.length)]).join('');
  return {
    id: Math.floor(draw() * 1e9),
    reference: `R-${Math.floor(draw() * 1e6)}`,
    customer: `${word()} ${word()}`,
    item: word(),
    quantity: 1 + Math.floor(draw() * 9),
    price: Math.round(draw() * 100_000) / 100,
    note: Array.from({ length: Math.floor(draw() * 14) }, word).join(' '),
  };
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function drawsOf(seed: number): () => number {
  let state = (seed * 0x9e3779b1) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
