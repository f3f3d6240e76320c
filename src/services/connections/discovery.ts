import { CLIENT_AUTHENTICATIONS, type ClientAuthentication, showsCertificate } from '../../kernel/auth.ts';
import { InvalidInput, NotAllowed } from '../../kernel/errors.ts';
import { type Actor, mayAct } from '../../kernel/role.ts';
import { type Endpoints, endpointsFor, type IssuerMetadata, metadataOf } from '../../oauth/issuer-metadata.ts';
import type { IssuerReader } from './issuer-reader.ts';

/** What stands in a form so far, as far as it matters to what an issuer offers. */
export interface TypedSettings {
  readonly issuer: string;
  readonly clientAuthentication: string;
  readonly certificateAuthorities: string | null;
}

/** Settings that fit an issuer: a suggestion, nothing is kept of it. */
export interface SuggestedSettings {
  readonly issuer: string;
  readonly endpoints: Endpoints;
  readonly requiresIss: boolean;
  /** What was typed where the issuer takes it or does not say; else the first that it takes, or null. */
  readonly clientAuthentication: ClientAuthentication | null;
  readonly offers: IssuerMetadata;
}

interface Parts {
  readonly issuers: IssuerReader;
}

/** Works out settings from what an issuer says of itself. */
export class Discovery {
  readonly #issuers: IssuerReader;

  constructor({ issuers }: Parts) {
    this.#issuers = issuers;
  }

  /** Throws `NotAllowed`, and `InvalidInput` at `/auth/issuer` with the reason where nothing can be taken from it. */
  async suggest(actor: Actor, typed: TypedSettings): Promise<SuggestedSettings> {
    if (!mayAct(actor.role, 'editor')) throw new NotAllowed('Viewers may look at connections, not set them up.');
    const issuer = typed.issuer.trim();
    if (issuer === '') refuse('Write the issuer first: the address under which the provider publishes what it offers.');
    const reading = await this.#issuers.read(issuer, typed.certificateAuthorities);
    if (reading.kind === 'failed') refuse(reading.detail);

    const offers = metadataOf(reading.document);
    const clientAuthentication = fitting(typed.clientAuthentication, offers.clientAuthentications);
    const isByCertificate = clientAuthentication !== null && showsCertificate({ clientAuthentication });
    const endpoints = endpointsFor(offers, isByCertificate);
    return { issuer, endpoints, requiresIss: offers.namesItself, clientAuthentication, offers };
  }
}

function fitting(typed: string, taken: readonly ClientAuthentication[] | null): ClientAuthentication | null {
  const known = CLIENT_AUTHENTICATIONS.find((way) => way === typed) ?? null;
  if (taken === null || taken.length === 0 || (known && taken.includes(known))) return known;
  return taken[0] ?? null;
}

function refuse(detail: string): never {
  throw new InvalidInput([{ pointer: '/auth/issuer', detail }]);
}
