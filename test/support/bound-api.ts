import { createHash, createPublicKey, type JsonWebKey, randomBytes, verify } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Authority } from './certificate.ts';
import { receive, type Received } from './received.ts';

/** One request to the API, judged. */
export interface Judged {
  readonly received: Received;
  /** `Bearer`, `DPoP`, or an empty text. */
  readonly scheme: string;
  /** Null where it was let in. */
  readonly refusal: string | null;
  readonly proof: ProofClaims | null;
  /** The name on the certificate it was shown, or null. */
  readonly shown: string | null;
}

interface ProofClaims {
  readonly jti: string;
  readonly htm: string;
  readonly htu: string;
  readonly iat: number;
  readonly ath?: string;
  readonly nonce?: string;
}

interface Bound {
  /** The thumbprint of the key it was asked for with, or null. */
  readonly key: string | null;
  /** The fingerprint of the certificate it was asked for with, or null. */
  readonly certificate: string | null;
}

/**
 * A provider and an API in one: tokens are bound to the key that proved itself (RFC 9449) and to the certificate that was
 * shown (RFC 8705), and the API takes nothing else for them.
 */
export class BoundApi implements AsyncDisposable {
  readonly calls: Judged[] = [];
  /** Every proof and token that passed here. */
  readonly secrets: string[] = [];
  tokenCalls = 0;
  /** What the API wants in a proof; null for nothing. */
  nonce: string | null = null;
  /** What an answer of the API says the next nonce is. */
  nextNonce: string | null = null;
  /** The nonce is another one with every call, so that none is ever right. */
  movesOn = false;
  tokenType: string | null = null;
  redirect: string | null = null;
  readonly #server: Server;
  readonly #scheme: string;
  readonly #tokens = new Map<string, Bound>();
  readonly #seen = new Set<string>();

  constructor(authority: Authority | null) {
    const answer: RequestListener = (request, response) => void this.#answer(request, response);
    const tls = authority && { ...authority.issue('127.0.0.1'), ca: authority.cert, requestCert: true };
    this.#server = tls ? createTlsServer({ ...tls, rejectUnauthorized: false }, answer) : createServer(answer);
    this.#scheme = tls ? 'https' : 'http';
  }

  async start(): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  get origin(): string {
    return `${this.#scheme}://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Forgets every token, as an API does that wants new ones early. */
  expireTokens(): void {
    this.#tokens.clear();
  }

  /** What was refused, and null for what was let in, oldest first. */
  get refusals(): readonly (string | null)[] {
    return this.calls.map(({ refusal }) => refusal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const received = await receive(request);
    const certificate = this.#scheme === 'https' ? (request.socket as TLSSocket).getPeerCertificate() : null;
    const shown = certificate?.subject
      ? { name: String(certificate.subject.CN), print: certificate.fingerprint256 }
      : null;
    if (received.path === '/token') return this.#grant(received, shown?.print ?? null, response);

    const { proof, refusal } = this.#judge(received, shown?.print ?? null);
    const scheme = headerOf(received, 'authorization').split(' ')[0]!;
    this.calls.push({ received, scheme, refusal, proof, shown: shown?.name ?? null });
    if (this.nextNonce !== null) response.setHeader('dpop-nonce', this.nextNonce);
    if (refusal === 'use_dpop_nonce') response.setHeader('dpop-nonce', this.nonce!);
    if (refusal !== null) response.setHeader('www-authenticate', `DPoP error="${refusal}", algs="ES256"`);
    const location = received.path === '/moved' ? this.redirect : null;
    if (refusal === null && location) response.setHeader('location', location);
    response.statusCode = refusal !== null ? 401 : location ? 307 : 200;
    response.setHeader('content-type', 'text/plain');
    response.end(`seen ${JSON.stringify(received.headers)} ${received.body.subarray(0, 1000).toString()}`);
  }

  #grant(received: Received, certificate: string | null, response: ServerResponse): void {
    this.tokenCalls += 1;
    const text = headerOf(received, 'dpop');
    const proof = text === '' ? null : this.#read(text);
    const accessToken = `access-${randomBytes(24).toString('base64url')}`;
    this.secrets.push(accessToken);
    this.#tokens.set(accessToken, { key: proof?.thumbprint ?? null, certificate });
    const tokenType = this.tokenType ?? (proof ? 'DPoP' : 'Bearer');
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ access_token: accessToken, token_type: tokenType, expires_in: 600 }));
  }

  #judge(received: Received, certificate: string | null): { proof: ProofClaims | null; refusal: string | null } {
    const text = headerOf(received, 'dpop');
    const proof = text === '' ? null : this.#read(text);
    const [scheme, token = ''] = headerOf(received, 'authorization').split(' ');
    const bound = this.#tokens.get(token);
    const refuse = (refusal: string | null) => ({ proof: proof?.claims ?? null, refusal });
    if (scheme === 'DPoP') {
      const fault = proof ? this.#faultOf(proof.claims, received, token) : 'missing proof';
      if (fault) return refuse(fault);
    }
    if (!bound) return refuse('invalid_token');
    if (bound.certificate !== certificate) return refuse('another certificate');
    if (this.tokenType === null && bound.key !== (proof?.thumbprint ?? null)) return refuse('another key');
    return refuse(null);
  }

  #faultOf({ jti, htm, htu, ath, nonce }: ProofClaims, { method, path }: Received, token: string): string | null {
    if (htm !== method || htu !== this.origin + path) return 'proof of another request';
    if (ath !== createHash('sha256').update(token).digest('base64url')) return 'proof of another token';
    if (this.#seen.has(jti)) return 'proof used before';
    this.#seen.add(jti);
    if (this.movesOn) this.nonce = randomBytes(8).toString('hex');
    return this.nonce !== null && nonce !== this.nonce ? 'use_dpop_nonce' : null;
  }

  /** A proof whose signature holds, or null (RFC 9449, section 4.3). */
  #read(text: string): { claims: ProofClaims; thumbprint: string } | null {
    this.secrets.push(text);
    const [head = '', body = '', signature = ''] = text.split('.');
    const { typ, alg, jwk } = JSON.parse(Buffer.from(head, 'base64url').toString()) as {
      typ: string;
      alg: string;
      jwk: JsonWebKey & { d?: string };
    };
    if (typ !== 'dpop+jwt' || alg !== 'ES256' || jwk.d !== undefined) return null;
    const key = { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' } as const;
    if (!verify('sha256', Buffer.from(`${head}.${body}`), key, Buffer.from(signature, 'base64url'))) return null;
    const thumbprint = createHash('sha256').update(`${jwk.crv} ${jwk.x} ${jwk.y}`).digest('base64url');
    return { claims: JSON.parse(Buffer.from(body, 'base64url').toString()) as ProofClaims, thumbprint };
  }
}

/** Starts one on a port of its own; with an authority it speaks TLS and asks for certificates that it vouches for. */
export function openBoundApi(authority: Authority | null = null): Promise<BoundApi> {
  return new BoundApi(authority).start();
}

function headerOf({ headers }: Received, wanted: string): string {
  const values = headers.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value);
  if (values.length > 1) throw new Error(`${wanted} came ${values.length} times.`);
  return values[0] ?? '';
}
