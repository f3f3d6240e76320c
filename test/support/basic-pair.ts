/** Name and password of a Basic header. Both halves are form-encoded before they are joined (RFC 6749, section 2.3.1). */
export function pairOf(basic: string): [string, string] {
  const text = Buffer.from(basic.slice('Basic '.length), 'base64').toString();
  const colon = text.indexOf(':');
  const decode = (half: string) => decodeURIComponent(half.replaceAll('+', ' '));
  return [decode(text.slice(0, colon)), decode(text.slice(colon + 1))];
}
