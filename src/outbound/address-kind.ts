import ipaddr from 'ipaddr.js';

/**
 * What an address is, for the egress policy: `public`, `loopback` and `private` can be opened by the operator,
 * `never` cannot.
 */
export type AddressKind = 'public' | 'loopback' | 'private' | 'never';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Range = [Address, number];

/** Cloud metadata services; some of them stand in ranges that look public or private. */
const METADATA = [
  '169.254.169.254/32',
  '100.100.100.200/32',
  '168.63.129.16/32',
  '192.0.0.192/32',
  'fd00:ec2::/32',
  'fd20:ce::/32',
].map((range) => ipaddr.parseCIDR(range));

const GLOBAL_UNICAST = ipaddr.parseCIDR('2000::/3');
const NAT64 = ipaddr.parseCIDR('64:ff9b::/96');
const V4_COMPATIBLE = ipaddr.parseCIDR('::/96');
/** ISATAP hides an IPv4 address in the interface part, whatever stands before it (RFC 5214, section 6.1). */
const ISATAP_MARK = 0x5efe;

const KIND_BY_RANGE: Readonly<Record<string, AddressKind>> = {
  unicast: 'public',
  loopback: 'loopback',
  private: 'private',
  carrierGradeNat: 'private',
  uniqueLocal: 'private',
  reserved: 'private',
};

/** Whether the address lies in the range; addresses of two families never do. */
export function isInRange(address: Address, range: Range): boolean {
  return address.kind() === range[0].kind() && address.match(range);
}

/**
 * Reads an address and takes off what wraps an IPv4 one: v4-mapped, v4-compatible and NAT64 (RFC 6052) forms.
 * Gives null for what is no address.
 */
export function readAddress(text: string): Address | null {
  const bare = text.replace(/%.*$/, '');
  if (!ipaddr.IPv6.isValid(bare) && !ipaddr.IPv4.isValidFourPartDecimal(bare)) return null;
  const address = ipaddr.parse(bare);
  if (address.kind() === 'ipv4') return address;

  const { parts } = address as ipaddr.IPv6;
  const hasEmbedded = isInRange(address, NAT64) || (isInRange(address, V4_COMPATIBLE) && parts[6] !== 0);
  if (hasEmbedded) return new ipaddr.IPv4(address.toByteArray().slice(12));
  return ipaddr.process(bare);
}

/** Sorts an address that `readAddress` gave. 6to4, Teredo, translated and local-use NAT64 forms are `never`. */
export function kindOf(address: Address): AddressKind {
  if (METADATA.some((range) => isInRange(address, range))) return 'never';
  const kind = KIND_BY_RANGE[address.range()] ?? 'never';
  if (address.kind() === 'ipv4') {
    // Class E holds the broadcast address and nothing that answers.
    return kind === 'private' && (address as ipaddr.IPv4).octets[0]! >= 240 ? 'never' : kind;
  }
  if (kind === 'private' && address.range() === 'reserved') return 'never';
  if ((address as ipaddr.IPv6).parts[5] === ISATAP_MARK) return 'never';
  return kind === 'public' && !isInRange(address, GLOBAL_UNICAST) ? 'never' : kind;
}
