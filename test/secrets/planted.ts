/** Twelve secrets that are hard to find in one encoding or another. */
export const PLANTED: readonly (readonly [kind: string, secret: string])[] = [
  ['of plain letters', 'correcthorsebattery'],
  ['of eight characters', 'k9!x-Q2z'],
  ['of letters beyond ASCII', 'pässwörd-žluť-日本'],
  ['with an emoji', 'rocket🚀launch-key'],
  ['with quotes', `say "please" and 'thanks'`],
  ['with slashes', 'a/b//c\\d\\\\e/f'],
  ['with plus and percent', '100%+20%25+pure&=;'],
  ['with spaces', 'four words and spaces'],
  ['with angle brackets', '<script>&amp;</script>'],
  ['in base64', 'q83vEjRWeJq83vEjRWeJ+/q83v=='],
  ['with a line break', 'first line\nsecond line\r\nthird\t.'],
  ['as a JWT of 4 KiB', `eyJhbGciOiJIUzI1NiJ9.${'Zm9vYmFyLTEyMzQ1Njc4'.repeat(203)}.c2lnbmF0dXJl-_`],
];

const escapeAll = (text: string, upper: boolean) =>
  Array.from({ length: text.length }, (_, at) => {
    const hex = text.charCodeAt(at).toString(16).padStart(4, '0');
    return `\\u${upper ? hex.toUpperCase() : hex}`;
  }).join('');

const percentAll = (text: string) => Buffer.from(text).toString('hex').replace(/../g, '%$&');
const entities = (text: string) =>
  text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`).replaceAll('\n', '&#xA;');
const json = (text: string) => JSON.stringify(text).slice(1, -1);
const form = (text: string) => new URLSearchParams([['', text]]).toString().slice(1);
const inside = (before: string, text: string) => Buffer.from(`${before}${text} and after`).toString('base64');

/** How a secret may have been written by somebody else. */
export const ENCODINGS: Readonly<Record<string, (secret: string) => string>> = {
  'as it is': (text) => text,
  'JSON-escaped': json,
  'JSON-escaped with \\/': (text) => json(text).replaceAll('/', '\\/'),
  'JSON-escaped to ASCII': (text) =>
    json(text).replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  'JSON-escaped letter by letter': (text) => escapeAll(text, false),
  'JSON-escaped in upper case': (text) => escapeAll(text, true),
  'JSON-escaped three times': (text) => json(json(json(text))),
  'JSON-escaped four times': (text) => json(json(json(json(text)))),
  'JSON in a JSON string': (text) => json(JSON.stringify({ it: text })),
  'percent-encoded': (text) => encodeURIComponent(text),
  'percent-encoded in lower case': (text) => encodeURIComponent(text).replace(/%../g, (code) => code.toLowerCase()),
  'percent-encoded letter by letter': percentAll,
  'percent-encoded twice': (text) => encodeURIComponent(encodeURIComponent(text)),
  'form-encoded': form,
  'form-encoded in a JSON string': (text) => json(form(text)).replaceAll('%', '\\u0025'),
  'HTML-escaped': entities,
  base64: (text) => Buffer.from(text).toString('base64'),
  'base64 without padding': (text) => Buffer.from(text).toString('base64').replace(/=+$/, ''),
  base64url: (text) => Buffer.from(text).toString('base64url'),
  'base64 in a URL': (text) => encodeURIComponent(Buffer.from(text).toString('base64')),
  'base64 by MIME lines': (text) => Buffer.from(text).toString('base64').replace(/.{76}/g, '$&\r\n'),
  'inside base64, alignment 1': (text) => inside('x', text),
  'inside base64, alignment 2': (text) => inside('xy', text),
  'inside base64, alignment 3': (text) => inside('xyz', text),
  'inside base64url': (text) => inside('?>~', text).replaceAll('+', '-').replaceAll('/', '_'),
  'JSON inside base64': (text) => Buffer.from(JSON.stringify({ secret: text })).toString('base64'),
  'in a Basic pair': (text) => `Basic ${Buffer.from(`client-1:${text}`).toString('base64')}`,
  'in a form-encoded Basic pair': (text) => `Basic ${Buffer.from(`client-1:${form(text)}`).toString('base64')}`,
  hexadecimal: (text) => Buffer.from(text).toString('hex'),
  'hexadecimal in upper case': (text) => Buffer.from(text).toString('hex').toUpperCase(),
};
