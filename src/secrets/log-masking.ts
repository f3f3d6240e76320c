import { REDACTED } from '../kernel/masker.ts';
import { maskQueries } from './fields.ts';
import { isLogName, Names } from './names.ts';
import { maskShapes } from './shapes.ts';

const DEEPEST = 8;
const WIDEST = 1000;
const TOO_DEEP = '*too deep*';

const HEADER_LINE = /\b((?:proxy-)?authorization|(?:set-)?cookie)(["']?\s*[:=]\s*["']?)[^\r\n"']+/gi;
const NAMED_VALUE =
  /(?<![\w-])([a-z][\w-]{1,40})(["']?\s*[:=]\s*)(?![a-z][\w-]{1,40}\s*=)("(?:[^"\\]|\\.)*"?|'[^']*'?|[^\s,;&"'<>()[\]{}]+)/gi;

const names = new Names({ wide: true });
const isField = (name: string) => names.isField(name);

/** A text for the log, or any free text, with what is secret by name or by shape masked. */
export function maskLogText(text: string): string {
  const queries = maskQueries(text, isField);
  const lines = maskShapes(queries.replace(HEADER_LINE, `$1$2${REDACTED}`));
  return lines.replace(NAMED_VALUE, (whole: string, name: string, gap: string, value: string) =>
    isLogName(name) && !value.includes(REDACTED) ? `${name}${gap}${inQuotesOf(value)}` : whole,
  );
}

/** A copy of a log line's facts with what is secret by name or by shape masked; errors as name, message and stack. */
export function maskFacts(facts: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [name, maskFact(name, value, 1, new Set([facts]))]),
  );
}

function maskFact(name: string, value: unknown, depth: number, above: ReadonlySet<object>): unknown {
  const isAbsent = value === null || value === undefined || typeof value === 'boolean';
  if (isLogName(name) && !isAbsent) return REDACTED;
  if (typeof value === 'string') return maskLogText(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return typeof value === 'function' ? undefined : value;
  if (value instanceof Date) return value;
  if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`;
  if (depth > DEEPEST || above.has(value)) return TOO_DEEP;
  return maskObject(value, depth + 1, new Set(above).add(value));
}

function maskObject(value: object, depth: number, above: ReadonlySet<object>): unknown {
  if (value instanceof Map || value instanceof Set) return maskObject([...value], depth, above);
  if (Array.isArray(value)) return maskList(value, depth, above);
  const own = Error.isError(value) ? errorFacts(value) : value;
  const entries = Object.entries(own).slice(0, WIDEST);
  return Object.fromEntries(entries.map(([name, fact]) => [name, maskFact(name, fact, depth, above)]));
}

/** A pair of texts is a header: the first names the second. */
function maskList(list: readonly unknown[], depth: number, above: ReadonlySet<object>): unknown[] {
  const [name, value] = list;
  if (list.length === 2 && typeof name === 'string' && names.isHeader(name) && typeof value === 'string') {
    return [name, REDACTED];
  }
  return list.slice(0, WIDEST).map((item) => maskFact('', item, depth, above));
}

/** What a log line tells of an error. Other properties may hold a request with its token and stay out. */
function errorFacts(error: Error): object {
  const { name, message, stack, cause } = error;
  const code = 'code' in error ? error.code : undefined;
  const facts = 'facts' in error ? error.facts : undefined;
  const errors = 'errors' in error ? error.errors : undefined;
  const all = { name, message, code, facts, errors, stack, cause };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function inQuotesOf(value: string): string {
  const quote = /^["']/.exec(value)?.[0] ?? '';
  return `${quote}${REDACTED}${quote}`;
}
