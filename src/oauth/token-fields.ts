import type { Answer } from '../kernel/exchange.ts';

/** The fields of a token endpoint's answer, whatever they hold. */
export type TokenFields = Readonly<Record<string, unknown>>;

/**
 * The fields of an answer's body, or null where there are none to be read. JSON whatever the content type says
 * (RFC 6749, section 5.1), else a form, as some providers send it. A cut-off body holds nothing that can be trusted.
 */
export function fieldsOf({ body }: Answer): TokenFields | null {
  if (body.truncated) return null;
  const text = new TextDecoder().decode(body.bytes).trim();
  return jsonFields(text) ?? formFields(text);
}

/** The fields of a JSON object, or null. Half an object is no object, so this tells also whether a body is complete. */
export function jsonFields(text: string): TokenFields | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

/**
 * The fields of a token where `path` says that they are, member names with a dot between; an answer that has none there is
 * taken as it is. A path may lead to the access token itself: then the fields beside it are its own.
 */
export function fieldsAt(fields: TokenFields, path: string | null): TokenFields {
  if (path === null) return fields;
  let inner: TokenFields = fields;
  const names = path.split('.');
  for (const [at, name] of names.entries()) {
    const value = Object.hasOwn(inner, name) ? inner[name] : null;
    if (typeof value === 'string' && at === names.length - 1) return { ...inner, access_token: value };
    if (typeof value !== 'object' || value === null) return fields;
    inner = value as TokenFields;
  }
  return inner;
}

function formFields(text: string): TokenFields | null {
  if (!/^[\w.-]+=/.test(text) || /\s/.test(text)) return null;
  const fields = Object.fromEntries([...new URLSearchParams(text)].toReversed());
  return 'access_token' in fields || 'error' in fields ? fields : null;
}
