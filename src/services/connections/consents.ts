import { heldGrant } from '../../db/queries/held-grant.ts';
import { session } from '../../db/session.ts';
import type { OAuth2Settings } from '../../kernel/auth.ts';
import type { Clock } from '../../kernel/clock.ts';
import { Conflict, NotAllowed, NotFound } from '../../kernel/errors.ts';
import type { NewId, RandomBytes } from '../../kernel/ids.ts';
import type { Send } from '../../kernel/outbound.ts';
import { type Actor, mayAct } from '../../kernel/role.ts';
import type { TokenSet } from '../../kernel/token-reply.ts';
import type { Vault } from '../../kernel/vault.ts';
import { Connection } from '../../model/connection.ts';
import { ConsentAttempt } from '../../model/consent-attempt.ts';
import { authorizationUrl, challengeOf, newState, newVerifier, readCallback } from '../../oauth/authorization.ts';
import { tokenRequest } from '../../oauth/token-request.ts';
import { hashToken } from '../../secrets/opaque-token.ts';
import type { Draft, ExchangeJournal } from '../exchanges/exchange-journal.ts';
import type { GrantLedger } from '../grants/grant-ledger.ts';
import { openSecrets } from '../grants/held-secrets.ts';
import { callTokenEndpoint, tokenCallMasker } from '../grants/token-call.ts';

/** How long a person may take at the provider. */
const CONSENT_MS = 10 * 60_000;

/** How often storing is tried against a grant that moves. */
const STORE_TRIES = 5;

/** A person in a browser that is signed in. */
export type Consenter = Actor & { readonly signInId: string };

/** How a consent ended; `slug` is null where nobody can tell which connection it was for. */
export type ConsentEnd =
  | { readonly kind: 'granted'; readonly slug: string; readonly generation: number }
  | { readonly kind: 'failed'; readonly slug: string | null; readonly code: string; readonly detail: string };

interface Parts {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly random: RandomBytes;
  readonly vault: Vault;
  readonly ledger: GrantLedger;
  readonly journal: ExchangeJournal;
  readonly send: Send;
  /** The one redirect URI, under the public address. */
  readonly redirectUri: () => string;
}

/** Consent by authorisation code with PKCE (RFC 6749 section 4.1, RFC 7636): from our page to the provider and back. */
export class Consents {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Begins a consent; `state` belongs into a cookie of that browser and nowhere else. Throws `NotFound`, `NotAllowed`, `Conflict`. */
  async begin(actor: Consenter, slug: string): Promise<{ readonly state: string; readonly expiresAt: Date }> {
    if (!mayAct(actor.role, 'editor')) throw new NotAllowed('Viewers may look at grants, not consent to them.');
    const { id } = await this.#connection(slug);
    const { clock, newId, random, vault } = this.#parts;
    const state = newState(random);
    const attemptId = newId();
    const createdAt = clock.now();
    const expiresAt = new Date(createdAt.getTime() + CONSENT_MS);
    await session.insert(ConsentAttempt, {
      id: attemptId,
      workspaceId: actor.workspaceId,
      connectionId: id,
      signInId: actor.signInId,
      stateHash: hashToken(state),
      sealedVerifier: vault.seal(newVerifier(random), placeOf(attemptId)),
      createdAt,
      expiresAt,
    });
    return { state, expiresAt };
  }

  /** Where the browser goes for a consent that was begun. Throws `NotFound` when there is none that still stands. */
  async authorization(actor: Consenter, slug: string, state: string): Promise<string> {
    const { id, settings } = await this.#connection(slug);
    const attempt = await session.findOne(ConsentAttempt, {
      stateHash: hashToken(state),
      connectionId: id,
      usedAt: null,
    });
    if (!attempt || attempt.signInId !== actor.signInId || attempt.expiresAt <= this.#parts.clock.now()) {
      throw new NotFound('consent under way for', slug);
    }
    const challenge = challengeOf(this.#parts.vault.open(attempt.sealedVerifier, placeOf(attempt.id)));
    return authorizationUrl(settings, { state, challenge, redirectUri: this.#parts.redirectUri() });
  }

  /** Ends a consent with what the browser brought back; `cookieState` is what its cookie holds. The old grant stays unless a new one came. */
  async end(actor: Consenter, params: URLSearchParams, cookieState: string | null): Promise<ConsentEnd> {
    const state = params.get('state') ?? '';
    const attempt = await session.findOne(ConsentAttempt, { stateHash: hashToken(state) });
    const fault = attempt ? this.#attemptFault(attempt, actor, state, cookieState) : UNKNOWN_STATE;
    const connection =
      attempt && (await session.findOne(Connection, { id: attempt.connectionId }, { populate: ['sealedSecrets'] }));
    if (fault || !attempt || !connection)
      return { kind: 'failed', slug: connection?.slug ?? null, ...(fault ?? UNKNOWN_STATE) };

    const used = await session.nativeUpdate(
      ConsentAttempt,
      { id: attempt.id, usedAt: null },
      { usedAt: this.#parts.clock.now() },
    );
    if (used !== 1) return { kind: 'failed', slug: connection.slug, ...USED };
    const settings = oauthOf(connection);
    const reading = readCallback(settings, params, state);
    if (reading.kind === 'refused') return { ...reading, kind: 'failed', slug: connection.slug };

    const verifier = this.#parts.vault.open(attempt.sealedVerifier, placeOf(attempt.id));
    return this.#redeem(actor, connection, { callback: reading.callback, verifier });
  }

  async #redeem(
    actor: Actor,
    connection: Connection,
    proof: { callback: URLSearchParams; verifier: string },
  ): Promise<ConsentEnd> {
    const { clock, newId, vault, journal, send, redirectUri } = this.#parts;
    const { id, slug, name, workspaceId } = connection;
    const settings = oauthOf(connection);
    const secrets = openSecrets(vault, id, connection.sealedSecrets ?? null);
    const carried = [proof.verifier, proof.callback.get('code')];
    const request = await tokenRequest(settings, secrets, { kind: 'code', ...proof, redirectUri: redirectUri() });
    const { generation } = await heldGrant(workspaceId, id);
    const sentBy = actor.name;
    const draft: Draft = {
      id: newId(),
      workspaceId,
      kind: 'token',
      connection: { id, slug, name },
      generation,
      request,
      sentBy,
      startedAt: clock.now(),
    };
    const masker = tokenCallMasker(settings, secrets, carried);
    await session.transactional(() => journal.begin(draft, masker));

    const { result, reply } = await callTokenEndpoint(send, settings, request, masker);
    const stored = reply.kind === 'granted' ? await this.#store(connection, reply.tokens, result.startedAt) : null;
    const settlement = { result, generation: stored ?? generation, hops: result.hops, attempts: 1 };
    await session.transactional(() =>
      journal.settle(draft, settlement, tokenCallMasker(settings, secrets, carried, reply)),
    );
    if (stored !== null) return { kind: 'granted', slug, generation: stored };
    return reply.kind === 'granted'
      ? { kind: 'failed', slug, ...MOVING }
      : {
          kind: 'failed',
          slug,
          code: reply.code,
          detail: `${reply.detail} The grant held before is untouched; start the consent again.`,
        };
  }

  /** Gives the new generation, or null when the grant would not hold still. */
  async #store({ id, workspaceId }: Connection, tokens: TokenSet, startedAt: Date): Promise<number | null> {
    for (let tries = 0; tries < STORE_TRIES; tries += 1) {
      const grant = await heldGrant(workspaceId, id);
      if (await this.#parts.ledger.replace(grant, tokens, startedAt)) return grant.generation + 1;
    }
    return null;
  }

  async #connection(slug: string): Promise<{ readonly id: string; readonly settings: OAuth2Settings }> {
    const connection = await session.findOne(Connection, { slug });
    if (!connection) throw new NotFound('connection', slug);
    const { auth, id, name } = connection;
    if (auth.type !== 'oauth2' || auth.grantType !== 'authorization_code') {
      throw new Conflict(`${name} is not authorised by consent. Edit the connection if it should be.`);
    }
    return { id, settings: auth };
  }

  #attemptFault(attempt: ConsentAttempt, actor: Consenter, state: string, cookieState: string | null) {
    if (attempt.usedAt) return USED;
    if (attempt.expiresAt <= this.#parts.clock.now()) return EXPIRED;
    if (attempt.signInId !== actor.signInId || cookieState !== state) return OTHER_BROWSER;
    return null;
  }
}

function oauthOf({ auth, name }: Connection): OAuth2Settings {
  if (auth.type !== 'oauth2') throw new Conflict(`${name} is not authorised by OAuth any more. Nothing was kept.`);
  return auth;
}

function placeOf(attemptId: string) {
  return { table: 'consent_attempt', column: 'sealed_verifier', row: attemptId };
}

const UNKNOWN_STATE = {
  code: 'unknown-state',
  detail:
    'This answer belongs to no consent that was started here. Nothing was kept; start the consent from the connection.',
};
const USED = {
  code: 'used-state',
  detail: 'This consent was answered before, and an answer counts once. Start the consent again.',
};
const EXPIRED = {
  code: 'expired-state',
  detail: 'This consent was started more than ten minutes ago. Start it again.',
};
const OTHER_BROWSER = {
  code: 'other-browser',
  detail: 'This consent was started by another sign-in. Finish it in the browser that started it, or start again here.',
};
const MOVING = {
  code: 'grant-moved',
  detail: 'The grant changed again and again while the new one was to be stored. Start the consent again.',
};
