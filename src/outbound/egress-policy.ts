import { networkInterfaces } from 'node:os';
import type ipaddr from 'ipaddr.js';
import { isInRange, kindOf, readAddress } from './address-kind.ts';
import { type EgressEntry, parseEgressEntry } from './egress-entry.ts';

export { type EgressEntry, parseEgress } from './egress-entry.ts';

/** The one sentence for every address that is refused; it tells nothing about what stands there. */
export const NOT_ALLOWED = 'This address is not allowed.';

/** What may be reached from here. */
export interface EgressPolicy {
  /** Judges a URL before its name is resolved: scheme, userinfo, length, port, metadata names and literal addresses. */
  allowsUrl(url: URL): boolean;
  /** Judges one address that `host` resolved to; the address connected to has to be one that was judged. */
  allowsAddress(host: string, port: number, address: string): boolean;
}

interface Parts {
  /** The entries of `EGRESS`, read or as text; throws for a text that cannot be read. */
  readonly entries: readonly (EgressEntry | string)[];
  /** Ports of this machine that are never reached: Callbook's own and its database's. */
  readonly ownPorts: () => readonly number[];
  /** The practice API's port, which is reached all the same. */
  readonly ownPortsExcept?: () => number | null;
  /** The addresses of this machine; the system's own list unless given. */
  readonly ownAddresses?: () => readonly string[];
}

const MAX_URL_LENGTH = 8192;

/** 1-79 hold mail, names and shells; the others are databases, mail and remote hands. */
const LAST_LOW_PORT = 79;
const REFUSED_PORTS = new Set([110, 143, 389, 445, 465, 587, 993, 995, 2375, 3306, 5432, 6379, 9200, 11_211, 27_017]);

const METADATA_NAME =
  /^(metadata|instance-data|metadata\.(google\.internal|goog|azure\.internal|packet\.net|platformequinix\.com)|instance-data\.ec2\.internal)$/;

/** The policy that `EGRESS` describes (docs/reliability.md, *Egress policy*). */
export function egressPolicy({
  entries,
  ownPorts,
  ownPortsExcept,
  ownAddresses = systemAddresses,
}: Parts): EgressPolicy {
  const opened = new Opened(entries.map((entry) => (typeof entry === 'string' ? parseEgressEntry(entry) : entry)));

  function allowsAddress(host: string, port: number, text: string): boolean {
    const address = readAddress(text);
    if (!address) return false;
    const kind = kindOf(address);
    if (kind === 'never') return false;
    if (isOwnPort(port) && (kind === 'loopback' || isOwnAddress(address))) return false;
    if (!isOrdinaryPort(port) && !opened.namesPort(host, port, address)) return false;
    return kind === 'public' || opened.covers(kind, host, port, address);
  }

  function isOwnPort(port: number): boolean {
    return ownPorts().includes(port) && port !== (ownPortsExcept?.() ?? null);
  }

  function isOwnAddress(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
    return ownAddresses().some((own) => readAddress(own)?.toString() === address.toString());
  }

  return {
    allowsAddress: (host, port, address) => allowsAddress(plainHost(host), port, address),
    allowsUrl(url) {
      const host = plainHost(url.hostname);
      if (!isHttp(url) || url.username || url.password || url.href.length > MAX_URL_LENGTH) return false;
      if (host === '' || METADATA_NAME.test(host)) return false;
      const port = portOf(url);
      if (readAddress(host)) return allowsAddress(host, port, host);
      return isOrdinaryPort(port) || opened.namesPort(host, port) || opened.namesPortOfAnAddress(port);
    },
  };
}

function isOrdinaryPort(port: number): boolean {
  return port > LAST_LOW_PORT && !REFUSED_PORTS.has(port);
}

/** The port a URL means, its scheme's own where it names none. */
export function portOf(url: URL): number {
  return url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
}

/** A URL's host as names are compared: lower case, no brackets, no dot at the end. */
export function plainHost(hostname: string): string {
  return hostname
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase();
}

function isHttp(url: URL): boolean {
  return url.protocol === 'http:' || url.protocol === 'https:';
}

function systemAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((own) => own.address));
}

/** What the operator opened besides the public internet. */
class Opened {
  readonly #entries: readonly EgressEntry[];

  constructor(entries: readonly EgressEntry[]) {
    this.#entries = entries;
  }

  covers(kind: 'loopback' | 'private', host: string, port: number, address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
    return this.#entries.some((entry) => {
      if (entry.kind === 'word') return entry.word === 'private' || entry.word === kind;
      if (entry.kind === 'range') return isInRange(address, entry.range);
      if (entry.port !== null) return entry.port === port && isNamed(entry.host, host, address);
      // A bare name opens the network it stands in, not this machine: whoever answers for the name could point it here.
      return kind === 'private' && entry.host === host;
    });
  }

  namesPort(host: string, port: number, address?: ipaddr.IPv4 | ipaddr.IPv6): boolean {
    return this.#entries.some(
      (entry) => entry.kind === 'host' && entry.port === port && isNamed(entry.host, host, address),
    );
  }

  namesPortOfAnAddress(port: number): boolean {
    return this.#entries.some((entry) => entry.kind === 'host' && entry.port === port && readAddress(entry.host));
  }
}

function isNamed(entryHost: string, host: string, address?: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return entryHost === host || entryHost === address?.toString();
}
