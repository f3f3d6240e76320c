import { REDACTED } from '../kernel/masker.ts';

/** A cheap look before the dear ones: text without any of these has no shape we know. */
const MAYBE = /eyJ|\/\/|-----BEGIN|bearer|basic|cbk_/i;

const PEM = /-----BEGIN [A-Z0-9 ]{1,40}-----[\s\S]*?(?:-----END [A-Z0-9 ]{1,40}-----|$)/g;
/** JWS and JWE in compact form (RFC 7515 and 7516, section 7.1). */
const JWT = /(?<![\w-])eyJ[\w-]+\.[\w-]*\.[\w-]*(?:\.[\w-]*\.[\w-]*)?/g;
/** An API key of our own. */
const API_KEY = /(?<![\w-])cbk_[\w-]{16,}/g;
/** After a scheme or at a text's beginning; two slashes within a path are none. */
const USERINFO = /(?<![^\s:"'<(=,])(\/\/)[^\s/?#"'<>\\]+@/g;
/** A token, not the parameters of a challenge (RFC 6750, section 3) and not a word of a sentence. */
const BEARER = /\b(Bearer)(\s+)(?!\w+\s*=\s*["'\w])(?=\S*[\d._~+/=-]|\S{20})([\w.~+/-]{6,}=*)/gi;
const BASIC = /\b(Basic)(\s+)([\w+/-]{4,}={0,2})/gi;

/** Masks what looks like a secret whatever it is called: PEM blocks, JWTs, our API keys, userinfo of URLs, Basic and Bearer. */
export function maskShapes(text: string): string {
  if (!MAYBE.test(text)) return text;
  return text
    .replace(PEM, REDACTED)
    .replace(BASIC, (whole: string, scheme: string, gap: string, digits: string) =>
      Buffer.from(digits, 'base64').includes(0x3a) ? `${scheme}${gap}${REDACTED}` : whole,
    )
    .replace(BEARER, `$1$2${REDACTED}`)
    .replace(JWT, REDACTED)
    .replace(API_KEY, REDACTED)
    .replace(USERINFO, `$1${REDACTED}@`);
}
