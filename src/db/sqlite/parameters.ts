import { isRaw, JsonProperty, Utils } from '@mikro-orm/core';

/** Values one statement may carry; SQLite's own limit is 32,766. */
const MOST_PARAMETERS = 32_000;

/** A statement as it goes to the engine: text with a `?` for each parameter. */
export interface BoundQuery {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

/** What writing values into the text, MikroORM's own way, takes: quoting for names and values. */
export interface Quoting {
  quoteIdentifier(name: string): string;
  formatQuery(sql: string, params: readonly unknown[]): string;
}

/**
 * Takes MikroORM's text and values apart for the engine, in place of its `formatQuery`: `?` stays a parameter, `??` is
 * a quoted name, `\?` a plain question mark, a list becomes one parameter for each item, a raw fragment its own text.
 */
export function bindQuery(sql: string, params: readonly unknown[], quoting: Quoting): BoundQuery {
  // As in `formatQuery`: text that came without values is taken as it is.
  if (params.length === 0) return { sql, parameters: [] };
  const parameters: unknown[] = [];
  const text = bindText(sql, params, quoting, parameters);
  if (parameters.length > MOST_PARAMETERS) return { sql: quoting.formatQuery(sql, params), parameters: [] };
  return { sql: text, parameters };
}

function bindText(sql: string, params: readonly unknown[], quoting: Quoting, into: unknown[]): string {
  if (params.length === 0) return sql;
  let next = 0;
  return sql.replaceAll(/\\\?|\?\??/g, (mark) => {
    if (mark === '\\?') return '?';
    const value = params[next++];
    return mark === '??' ? quoting.quoteIdentifier(value as string) : bindValue(value, quoting, into);
  });
}

function bindValue(value: unknown, quoting: Quoting, into: unknown[]): string {
  if (isRaw(value)) return bindText(value.sql, value.params, quoting, into);
  if (Array.isArray(value) && !(JsonProperty in value)) {
    return value.map((item) => bindValue(item, quoting, into)).join(', ');
  }
  into.push(asParameter(value));
  return '?';
}

function asParameter(value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (typeof value === 'object' && (Utils.isPlainObject(value) || JsonProperty in value)) return JSON.stringify(value);
  return value;
}

/** A parameter in one of the types better-sqlite3 takes. Whole numbers go as integers, which it would send as reals. */
export function asStorable(value: unknown): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (value === undefined) return null;
  if (value instanceof Date) return BigInt(value.getTime());
  return value;
}
