import { BlockList, isIP, isIPv6 } from 'node:net';
import type { Context, Middleware } from 'koa';
import { Malformed } from '../../kernel/errors.ts';
import { factsOf } from '../context.ts';

const FORWARDED = new Set(['x-forwarded-for', 'x-forwarded-proto']);

interface Parts {
  /** Addresses and CIDRs of the peers whose word is believed. */
  readonly trustedProxies: readonly string[];
}

/**
 * Finds the address of whoever asks. `X-Forwarded-For` and `X-Forwarded-Proto` count only where the peer itself is a
 * trusted proxy; then a name that comes twice or written with `_` is refused, because proxies and we might read it
 * differently.
 */
export function clientAddress({ trustedProxies }: Parts): Middleware {
  const trusted = listOf(trustedProxies);
  const isTrusted = (address: string) =>
    isIP(address) !== 0 && trusted.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');

  return async function clientAddress(ctx, next) {
    const facts = factsOf(ctx);
    if (isTrusted(facts.address)) {
      refuseDoubtful(ctx.req.rawHeaders);
      facts.address = firstStranger(facts.address, ctx.get('X-Forwarded-For'), isTrusted);
      facts.forwardedProtocol = forwardedProtocol(ctx);
    }
    await next();
  };
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    list.addSubnet(address, prefix === undefined ? (family === 'ipv6' ? 128 : 32) : Number(prefix), family);
  }
  return list;
}

function refuseDoubtful(rawHeaders: readonly string[]): void {
  const seen = new Set<string>();
  for (const raw of rawHeaders.filter((_, index) => index % 2 === 0)) {
    const name = raw.toLowerCase();
    const plain = name.replaceAll('_', '-');
    if (!FORWARDED.has(plain)) continue;
    if (plain !== name || seen.has(name)) throw new Malformed(`The header ${plain} came in more than one form.`);
    seen.add(name);
  }
}

/** Walks from the proxy next to us outwards, and stops at the first address that is not one of ours. */
function firstStranger(peer: string, forwardedFor: string, isTrusted: (address: string) => boolean): string {
  let found = peer;
  for (const hop of forwardedFor.split(',').toReversed()) {
    const address = hop.trim();
    if (address === '') continue;
    if (isIP(address) === 0) throw new Malformed('The header x-forwarded-for must hold addresses only.');
    found = address;
    if (!isTrusted(address)) break;
  }
  return found;
}

function forwardedProtocol(ctx: Context): string | null {
  const protocol = ctx.get('X-Forwarded-Proto').trim().toLowerCase();
  return protocol || null;
}
