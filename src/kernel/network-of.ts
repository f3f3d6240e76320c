import ipaddr from 'ipaddr.js';

/** One customer of a provider holds at least this much of IPv6 (RFC 6177). */
const GROUPS_OF_NETWORK = 4;

/**
 * What tries from an address are counted under: an IPv4 address stands for itself, also where it is mapped into IPv6
 * (RFC 4291, section 2.5.5.2), an IPv6 address for its /64. Any other text stands for itself.
 */
export function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const known = ipaddr.process(address);
  if (!(known instanceof ipaddr.IPv6)) return known.toString();
  const groups = known.parts.map((part, index) => (index < GROUPS_OF_NETWORK ? part : 0));
  return `${new ipaddr.IPv6(groups).toString()}/64`;
}
