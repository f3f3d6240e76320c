/** Of numbers that SQLite can hold. */
const FORM = /^([0-7][0-9a-f]{7})-([0-9a-f]{4})-8([0-9a-f]{3})-8([0-9a-f])00-000000000000$/;

/**
 * Names a place in the index by its number alone, in the form of an id (RFC 9562, version 8, which no exchange has): the
 * exchange that stands there may be one that whoever searches must not know of.
 */
export function placeId(number: bigint): string {
  const hex = number.toString(16).padStart(16, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(12, 15)}-8${hex.slice(15)}00-000000000000`;
}

/** The number that such an id names; null for any other id. */
export function placeNumber(id: string): bigint | null {
  const parts = FORM.exec(id)?.slice(1);
  return parts ? BigInt(`0x${parts.join('')}`) : null;
}
