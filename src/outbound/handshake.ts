import { isIP, type Socket } from 'node:net';
import { connect, createSecureContext, getCACertificates, type SecureContext, type TLSSocket } from 'node:tls';
import type { TlsIdentity } from '../kernel/outbound.ts';
import { plainHost } from './egress-policy.ts';
import { Fault } from './fault.ts';

/** How the two sides of one connection know each other. */
export type Identity = Pick<TlsIdentity, 'authorities' | 'client'>;

/**
 * What a call's identity comes to at one URL; null where it is the usual one. Our certificate is shown to its own
 * origins, and only while `isHome`: on a way that never led elsewhere.
 */
export function identityAt(tls: TlsIdentity | undefined, url: URL, isHome: boolean): Identity | null {
  if (!tls || url.protocol !== 'https:') return null;
  const client = isHome && tls.clientOrigins.includes(url.origin) ? tls.client : null;
  const { authorities } = tls;
  return client === null && authorities === null ? null : { authorities, client };
}

/** Begins TLS on sockets, always with the same identity, and always verifying who is on the other side. */
export class Handshake {
  readonly showsCertificate: boolean;
  readonly #identity: Identity | null;
  #context: SecureContext | undefined;

  constructor(identity: Identity | null) {
    this.#identity = identity;
    this.showsCertificate = identity?.client != null;
  }

  /** Reads certificates and key, once. Throws a `Fault` for those that cannot be used. */
  prepare(): void {
    if (this.#identity) this.#context ??= contextOf(this.#identity);
  }

  /** Wraps a connected socket; call `prepare` before. */
  begin(socket: Socket, hostname: string): TLSSocket {
    const host = plainHost(hostname);
    return connect({
      socket,
      host,
      ...(isIP(host) ? {} : { servername: host }),
      ALPNProtocols: ['http/1.1'],
      // Said aloud, because NODE_TLS_REJECT_UNAUTHORIZED changes what is the usual.
      rejectUnauthorized: true,
      ...(this.#context && { secureContext: this.#context }),
    });
  }
}

function contextOf({ authorities, client }: Identity): SecureContext {
  try {
    return createSecureContext({
      ...(authorities !== null && { ca: [...getCACertificates('default'), authorities] }),
      ...(client && { cert: client.certificate, key: client.key }),
    });
  } catch {
    // Authorities that cannot be read are left out in silence; nobody is believed on account of them.
    throw new Fault('tls', 'The client certificate and its key cannot be used together.');
  }
}
