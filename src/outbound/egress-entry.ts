import ipaddr from 'ipaddr.js';
import { readAddress } from './address-kind.ts';

/** The words of `EGRESS`: what may be reached besides the public internet. */
export const EGRESS_WORDS = ['public', 'loopback', 'private'] as const;
export type EgressWord = (typeof EGRESS_WORDS)[number];

/** One entry of `EGRESS`, read. `host` is a name in lower case; an address without a port is a range of one. */
export type EgressEntry =
  | { readonly kind: 'word'; readonly word: EgressWord }
  | { readonly kind: 'range'; readonly range: [ipaddr.IPv4 | ipaddr.IPv6, number] }
  | { readonly kind: 'host'; readonly host: string; readonly port: number | null };

const NAME = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/;

/**
 * Reads the `EGRESS` setting: entries separated by commas, each a word, a host, `host:port` or a CIDR.
 * Throws an Error that names the entry it cannot read; an empty text opens nothing.
 */
export function parseEgress(text: string): EgressEntry[] {
  const entries = text.split(',').map((entry) => entry.trim());
  return entries.filter((entry) => entry !== '').map(parseEgressEntry);
}

/** Reads one entry; throws as `parseEgress` does. */
export function parseEgressEntry(text: string): EgressEntry {
  const entry = text.trim().toLowerCase();
  const word = EGRESS_WORDS.find((known) => known === entry);
  if (word) return { kind: 'word', word };
  if (entry.includes('/')) return { kind: 'range', range: rangeOf(entry) };

  const address = readAddress(entry.replace(/^\[(.*)\]$/, '$1'));
  if (address) return { kind: 'range', range: [address, address.kind() === 'ipv4' ? 32 : 128] };
  return hostEntry(entry);
}

function rangeOf(entry: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  if (!ipaddr.isValidCIDR(entry)) throw unreadable(entry, 'it is no CIDR range');
  return ipaddr.parseCIDR(entry);
}

function hostEntry(entry: string): EgressEntry {
  const [, name, digits] = /^(\[[^\]]*\]|[^:[\]]+)(?::(\d{1,5}))?$/.exec(entry) ?? [];
  if (name === undefined) throw unreadable(entry, 'a host, host:port or CIDR range is expected');
  const port = digits === undefined ? null : Number(digits);
  if (port !== null && (port < 1 || port > 65_535)) throw unreadable(entry, 'its port is out of range');

  const address = readAddress(name.replace(/^\[(.*)\]$/, '$1'));
  const host = address ? address.toString() : name.replace(/\.$/, '');
  if (!address && !NAME.test(host)) throw unreadable(entry, 'it is no host name');
  if (!address && /^[0-9.]+$/.test(host)) throw unreadable(entry, 'it is no whole address');
  if (host === 'localhost' && port === null) {
    throw unreadable(entry, 'name its port too, or write the word "loopback"');
  }
  return { kind: 'host', host, port };
}

function unreadable(entry: string, why: string): Error {
  return new Error(`EGRESS: "${entry}" cannot be read: ${why}.`);
}
