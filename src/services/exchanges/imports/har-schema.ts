import { z } from 'zod';
import { EXCHANGE_OUTCOMES, FAILURE_REASONS } from '../../../kernel/exchange.ts';

/** A day with a time of day; what stands after it is for `Date` to read. */
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;
/** Nothing was on the web before, and a history goes no further. */
const FIRST_MOMENT = Date.UTC(1990);
const LAST_MOMENT = Date.UTC(10_000);
const METHOD = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,20}$/;
const LONGEST_URL = 64 * 1024;
const LONGEST_PHASE_MS = 1e12;
const NOT_BASE64 = { path: ['text'], message: 'This is not base64.' };

const text = z.string();
const count = z.number().min(-1).nullish();

/** Milliseconds; HAR writes -1 where a phase did not happen. */
const phase = z
  .number()
  .max(LONGEST_PHASE_MS)
  .nullish()
  .transform((ms) => (typeof ms === 'number' && ms >= 0 ? ms : null));

const moment = text
  .transform((written) => (MOMENT.test(written) ? new Date(written) : new Date(Number.NaN)))
  .refine((read) => read.getTime() >= FIRST_MOMENT && read.getTime() < LAST_MOMENT, {
    message: 'This is no time, such as 2026-11-22T09:00:00.000Z.',
  });

const pairs = z.array(z.object({ name: text, value: text }));

const timings = z.object({
  blocked: phase,
  dns: phase,
  connect: phase,
  ssl: phase,
  send: phase,
  wait: phase,
  receive: phase,
});

const request = z.object({
  method: text.regex(METHOD, 'This must be a single word, such as GET.'),
  url: text
    .max(LONGEST_URL, `This must be no longer than ${LONGEST_URL.toLocaleString('en')} characters.`)
    .refine((url) => URL.canParse(url), 'This is no whole URL.'),
  headers: pairs,
  bodySize: count,
  postData: z
    .object({
      mimeType: text.nullish(),
      text: text.nullish(),
      params: z.array(z.object({ name: text, value: text.nullish() })).nullish(),
      _encoding: text.nullish(),
    })
    .refine(({ text: written, _encoding: encoding }) => isBytes(written, encoding), NOT_BASE64)
    .nullish(),
});

const response = z.object({
  status: z.int().min(0).max(999),
  headers: pairs,
  content: z
    .object({ size: count, mimeType: text.nullish(), text: text.nullish(), encoding: text.nullish() })
    .refine((content) => isBytes(content.text, content.encoding), NOT_BASE64)
    .nullish(),
  bodySize: count,
  /** Why no answer came, as browsers and we write it. */
  _error: z.unknown().optional(),
});

const ownMs = z.number().min(0).max(LONGEST_PHASE_MS);
const ownPhase = ownMs.nullable();

const hop = z.object({
  attempt: z.int().min(1),
  method: text.regex(METHOD),
  url: text.max(LONGEST_URL),
  status: z.int().min(0).max(999).nullable(),
  reusedConnection: z.boolean(),
  timings: z.object({
    wait: ownPhase,
    dns: ownPhase,
    connect: ownPhase,
    tls: ownPhase,
    send: ownPhase,
    firstByte: ownPhase,
    receive: ownPhase,
    total: ownMs,
  }),
});

/** What an export of ours says besides; that of others, or one that was changed, is left alone. */
const extra = z
  .object({
    outcome: z.enum(EXCHANGE_OUTCOMES),
    reason: z.enum(FAILURE_REASONS).nullable(),
    attempts: z.int().min(1).max(1000),
    total: ownMs.nullable(),
    truncated: z.object({ request: z.boolean(), response: z.boolean() }),
    hops: z.array(hop).max(1000),
  })
  .optional()
  .catch(undefined);

/** An entry of a HAR (HAR 1.2, *entries*), as far as an exchange is made of it. What is not needed may be anything. */
export const harEntrySchema = z.object({
  startedDateTime: moment,
  time: phase,
  request,
  response,
  timings: timings.nullish(),
  _callbook: extra,
});

export type HarEntry = z.output<typeof harEntrySchema>;

/** Whether a text stands for bytes; the name of a coding compares without case. */
export function isBase64(encoding: string | null | undefined): boolean {
  return encoding?.toLowerCase() === 'base64';
}

/** True for what can be decoded; white space and missing padding are let through, as RFC 4648 allows. */
function isBytes(written: string | null | undefined, encoding: string | null | undefined): boolean {
  if (typeof written !== 'string' || !isBase64(encoding)) return true;
  const digits = written.replaceAll(/\s/g, '').replace(/={1,2}$/, '');
  return digits.length % 4 !== 1 && !/[^A-Za-z0-9+/_-]/.test(digits);
}
