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

function formFields(text: string): TokenFields | null {
  if (!/^[\w.-]+=/.test(text) || /\s/.test(text)) return null;
  const fields = Object.fromEntries([...new URLSearchParams(text)].toReversed());
  return 'access_token' in fields || 'error' in fields ? fields : null;
}
