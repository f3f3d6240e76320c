import { AsyncLocalStorage } from 'node:async_hooks';
import type { CallableConnection } from '../../db/queries/callable-connections.ts';
import type { CallResult, OutboundRequest } from '../../kernel/exchange.ts';
import type { Masker } from '../../kernel/masker.ts';
import type { HopProver, Send } from '../../kernel/outbound.ts';
import { boundOrigins } from '../../model/connection.ts';
import type { DpopNonces } from '../../oauth/dpop.ts';
import type { RequestTools } from '../../oauth/request-tools.ts';
import type { FreshToken } from '../grants/renewal.ts';
import { tlsIdentityOf } from '../grants/tls-identity.ts';
import type { CallMasks } from './call-masks.ts';
import { CallProofs } from './call-proofs.ts';
import { credentialsFor, withCredentials } from './credentials.ts';
import type { Streaming } from './relayed-bodies.ts';

export interface WireParts extends RequestTools {
  readonly send: Send;
  readonly nonces: DpopNonces;
  readonly limits: { readonly keepBytes: number; readonly maxBytes: number };
}

interface Around {
  readonly connection: CallableConnection;
  readonly plain: OutboundRequest;
  readonly masks: CallMasks;
  readonly stream: Streaming | null;
}

/** A request with everything that a token adds to it. */
export interface Armed {
  readonly request: OutboundRequest;
  readonly masker: Masker;
  /** Null where the token is not bound to a key. */
  readonly prover: HopProver | null;
}

/** What stands between one call and the outbound client: credentials, proofs, identity and limits of its connection. */
export class CallWire {
  readonly #parts: WireParts;
  readonly #around: Around;

  constructor(parts: WireParts, around: Around) {
    this.#parts = parts;
    this.#around = around;
  }

  /** Puts a token in. Throws `Misconfigured` where its key is missing, and `NotFound` when the grant is gone. */
  async armed(token: FreshToken | null): Promise<Armed> {
    const { connection, plain, masks } = this.#around;
    const masker = await masks.with(token);
    const { secrets } = masks;
    const isBound = token?.tokenType === 'dpop';
    const onProof = (proof: string) => masks.carries(proof);
    return {
      request: withCredentials(plain, credentialsFor(connection.auth, secrets, token)),
      masker,
      prover: isBound ? new CallProofs(token, secrets, { ...this.#parts, onProof }) : null,
    };
  }

  /** Sends it. `mayResend` tells whether a 401 may be followed by another try. Throws what `Send` throws. */
  send({ request, masker, prover }: Armed, mayResend: boolean): Promise<CallResult> {
    const { connection, masks, stream } = this.#around;
    const { id, width, timeoutMs, auth, certificateAuthorities } = connection;
    const { send, limits } = this.#parts;
    const origins = boundOrigins(connection);
    const tls = tlsIdentityOf(auth, masks.secrets, certificateAuthorities, origins);
    return send({
      request,
      lane: { key: id, width },
      deadlineMs: timeoutMs,
      ...limits,
      redirects: stream ? 'none' : 'follow',
      origins,
      credentialHeaders:
        auth.type === 'apiKey' && auth.in === 'header' ? [auth.name.toLowerCase()] : ['authorization', 'cookie'],
      ...(tls && { tls }),
      ...(prover && { prover }),
      masker,
      ...stream?.wire({ mayResend, maskNow: this.#maskNow() }),
    });
  }

  /** Asks from wherever an answer comes in, with the session of this call: its grant may have moved since it was sent. */
  #maskNow(): () => Promise<Masker> {
    const { masks } = this.#around;
    const inSession = AsyncLocalStorage.snapshot();
    return () => inSession(async () => masks.at(await masks.grantNow()));
  }
}
