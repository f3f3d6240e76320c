import type { HeaderPairs } from '../../../kernel/headers.ts';
import { REDACTED } from '../../../kernel/masker.ts';

/** A cookie as HAR 1.2 has it. */
export interface HarCookie {
  readonly name: string;
  readonly value: string;
  readonly path?: string;
  readonly domain?: string;
  readonly expires?: string;
  readonly httpOnly?: boolean;
  readonly secure?: boolean;
}

/** The cookies that were sent (RFC 6265, section 4.2); a header that is masked says nothing of them. */
export function sentCookies(headers: HeaderPairs): HarCookie[] {
  return valuesOf(headers, 'cookie').flatMap((value) =>
    value.split(';').flatMap((pair) => (pair.trim() === '' ? [] : [cookieOf(pair)])),
  );
}

/** The cookies that were set (RFC 6265, section 5.2). */
export function setCookies(headers: HeaderPairs): HarCookie[] {
  return valuesOf(headers, 'set-cookie').map((value) => {
    const [pair = '', ...attributes] = value.split(';');
    return { ...cookieOf(pair), ...Object.assign({}, ...attributes.map(attributeOf)) } as HarCookie;
  });
}

function valuesOf(headers: HeaderPairs, wanted: string): string[] {
  return headers.filter(([name, value]) => name.toLowerCase() === wanted && value !== REDACTED).map(([, v]) => v);
}

function cookieOf(pair: string): HarCookie {
  const at = pair.indexOf('=');
  return { name: pair.slice(0, Math.max(at, 0)).trim(), value: pair.slice(at + 1).trim() };
}

function attributeOf(attribute: string): Partial<HarCookie> {
  const { name, value } = cookieOf(attribute.includes('=') ? attribute : `${attribute}=`);
  switch (name.toLowerCase()) {
    case 'path':
      return { path: value };
    case 'domain':
      return { domain: value };
    case 'expires':
      return Number.isNaN(Date.parse(value)) ? {} : { expires: new Date(value).toISOString() };
    case 'httponly':
      return { httpOnly: true };
    case 'secure':
      return { secure: true };
    default:
      return {};
  }
}
