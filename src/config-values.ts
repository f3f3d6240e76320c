import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { parseEgressEntry } from './outbound/egress-entry.ts';
import { passwordFault } from './secrets/passwords.ts';

const BYTES = { b: 1, kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12, kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30, tib: 2 ** 40 };

/** Reads one setting's text, or throws any error where the text is not what was wanted. */
export type ReadValue<T> = (text: string) => T;

/** A whole number from `least` to `most`, both included. */
export function wholeNumber(least: number, most: number): ReadValue<number> {
  return (text) => {
    const number = Number(text);
    if (!/^\d+$/.test(text) || number < least || number > most) throw new RangeError();
    return number;
  };
}

/** A size such as `16 MiB`, `500 kB` or plain bytes, from `least` to `most` bytes. */
export function byteSize(least: number, most: number): ReadValue<number> {
  return (text) => {
    const [, amount, unit = 'b'] = /^(\d+(?:\.\d+)?)\s*([kmgt]?i?b)?$/.exec(text.toLowerCase()) ?? [];
    const bytes = Math.round(Number(amount) * (BYTES[unit as keyof typeof BYTES] ?? Number.NaN));
    if (!(bytes >= least && bytes <= most)) throw new RangeError();
    return bytes;
  };
}

/** One of the given words. */
export function oneOf<T extends string>(...words: readonly T[]): ReadValue<T> {
  return (text) => {
    const found = words.find((word) => word === text);
    if (found === undefined) throw new RangeError();
    return found;
  };
}

/** A comma-separated list of at least one entry, each read by `read`. */
export function listOf<T>(read: ReadValue<T>): ReadValue<readonly T[]> {
  return (text) => Object.freeze(text.split(',').map((entry) => read(entry.trim())));
}

/** A host name or an address to listen on, without port and brackets. */
export function hostName(text: string): string {
  if (isIP(text) === 0 && !/^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/i.test(text)) throw new RangeError();
  return text.toLowerCase();
}

/** An origin (RFC 6454, section 4): scheme, host and port, nothing after them. */
export function origin(text: string): string {
  const url = httpUrl(text);
  if (url.href !== `${url.origin}/`) throw new RangeError();
  return url.origin;
}

/** An absolute http or https URL. */
export function httpUrl(text: string): URL {
  const url = new URL(text);
  if (!/^https?:$/.test(url.protocol)) throw new RangeError();
  return url;
}

/** A network in CIDR form, or a single address. */
export function network(text: string): string {
  if (text.includes('/')) ipaddr.parseCIDR(text);
  else if (isIP(text) === 0) throw new RangeError();
  return text;
}

/** 32 bytes in base64 (RFC 4648, section 4), as they were given. */
export function appKey(text: string): string {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== 32 || bytes.toString('base64') !== text) throw new RangeError();
  return text;
}

/** An e-mail address as far as anybody can tell without writing to it; in lower case. */
export function emailAddress(text: string): string {
  if (text.length > 254 || !/^[^\s@<>"]+@[^\s@<>"]+$/.test(text)) throw new RangeError();
  return text.toLowerCase();
}

/** A password that may be taken. */
export function password(text: string): string {
  if (passwordFault(text)) throw new RangeError();
  return text;
}

/** An entry of EGRESS, as it was given. */
export function egressEntry(text: string): string {
  parseEgressEntry(text);
  return text;
}

/** The file of a `sqlite:` URL: `sqlite:data/callbook.db`, `sqlite:/var/lib/callbook.db` or `sqlite:///var/lib/…`. */
export function sqliteFile(text: string): string {
  const file = /^sqlite:(?:\/\/(?=\/))?(?<file>[^?#]+)$/.exec(text)?.groups?.file;
  if (!file || file.startsWith(':') || file.endsWith('/')) throw new RangeError();
  return file;
}

/** True for names and addresses that only this machine can reach. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost') return true;
  return isIP(host) !== 0 && ipaddr.process(host).range() === 'loopback';
}
