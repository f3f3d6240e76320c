import type { CallResult } from '../../kernel/exchange.ts';
import type { Send } from '../../kernel/outbound.ts';
import {
  issuerFault,
  metadataAddresses,
  type MetadataReply,
  metadataRequest,
  mostTelling,
  readMetadata,
} from '../../oauth/discovery.ts';
import { freshUntil } from '../../oauth/freshness.ts';
import type { MetadataDocument } from '../../oauth/issuer-metadata.ts';
import { maskerFor } from '../../secrets/masking.ts';

const DEADLINE_MS = 10_000;
/** What an issuer says of itself is never longer. */
const ANSWER_BYTES = 256 * 1024;
/** Questions to one issuer that may fly at once. */
const WIDTH = 4;

/** Nothing secret goes along. */
const MASKER = maskerFor({ secrets: [], wide: false });

/** What an issuer says of itself, and until when that counts; or one sentence on why nobody knows. */
export type IssuerReading =
  | {
      readonly kind: 'read';
      readonly document: MetadataDocument;
      readonly readAt: Date;
      readonly freshUntil: Date;
    }
  | Extract<MetadataReply, { kind: 'failed' }>;

interface Parts {
  readonly send: Send;
}

/** Asks issuers what they offer (RFC 8414; OpenID Connect Discovery 1.0). Carries no secret and keeps nothing. */
export class IssuerReader {
  readonly #send: Send;

  constructor({ send }: Parts) {
    this.#send = send;
  }

  /**
   * Whatever the network or the issuer does is an answer. `authorities` are certificates it may be known by besides the
   * system's, as PEM. No transaction may be open.
   */
  async read(issuer: string, authorities: string | null): Promise<IssuerReading> {
    const fault = issuerFault(issuer);
    if (fault) return { kind: 'failed', code: 'unreadable', detail: fault };

    const faults: Extract<MetadataReply, { kind: 'failed' }>[] = [];
    for (const address of metadataAddresses(issuer)) {
      const result = await this.#ask(address, authorities);
      const reply = readMetadata(issuer, result);
      if (reply.kind === 'found') return readingOf(reply.document, result);
      faults.push(reply);
      // The other address is on the same host.
      if (reply.code === 'no-answer') break;
    }
    return mostTelling(faults) ?? { kind: 'failed', code: 'not-there', detail: 'The issuer publishes nothing.' };
  }

  #ask(address: string, authorities: string | null): Promise<CallResult> {
    const { origin } = new URL(address);
    return this.#send({
      request: metadataRequest(address),
      lane: { key: `issuer:${origin}`, width: WIDTH },
      deadlineMs: DEADLINE_MS,
      keepBytes: ANSWER_BYTES,
      maxBytes: ANSWER_BYTES,
      redirects: 'none',
      origins: [origin],
      credentialHeaders: [],
      ...(authorities !== null && { tls: { authorities, client: null, clientOrigins: [] } }),
      masker: MASKER,
    });
  }
}

function readingOf(document: MetadataDocument, { outcome, finishedAt }: CallResult): IssuerReading {
  const headers = outcome.kind === 'answered' ? outcome.headers : [];
  return { kind: 'read', document, readAt: finishedAt, freshUntil: freshUntil(headers, finishedAt) };
}
