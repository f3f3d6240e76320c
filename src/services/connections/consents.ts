import { heldGrant } from '../../db/queries/held-grant.ts';
import { session } from '../../db/session.ts';
import type { OAuth2Settings } from '../../kernel/auth.ts';
import { Conflict, NotAllowed, NotFound } from '../../kernel/errors.ts';
import type { RandomBytes } from '../../kernel/ids.ts';
import type { MaskText } from '../../kernel/logger.ts';
import { mayAct, type Person } from '../../kernel/role.ts';
import { Connection } from '../../model/connection.ts';
import { ConsentAttempt } from '../../model/consent-attempt.ts';
import {
  authorizationUrl,
  challengeOf,
  type ConsentRequest,
  newState,
  newVerifier,
  proofThumbprint,
  pushedAuthorizationUrl,
  readCallback,
} from '../../oauth/authorization.ts';
import { hashToken } from '../../secrets/opaque-token.ts';
import { openSecrets } from '../grants/held-secrets.ts';
import { openTokens } from '../grants/live-secrets.ts';
import { tokenCallMasker } from '../grants/token-call.ts';
import { CodeRedemption, type RedemptionParts } from './code-redemption.ts';
import {
  type ConsentBeginning,
  type ConsentEnd,
  type ConsentFault,
  EXPIRED,
  OTHER_BROWSER,
  PUSHED_TOO_LONG_AGO,
  UNKNOWN_STATE,
  USED,
} from './consent-end.ts';
import { PushedConsent } from './pushed-consent.ts';

/** How long a person may take at the provider. */
const CONSENT_MS = 10 * 60_000;

interface Parts extends RedemptionParts {
  readonly random: RandomBytes;
  /** The one redirect URI, under the public address. */
  readonly redirectUri: () => string;
}

/** Consent by authorisation code with PKCE (RFC 6749 section 4.1, RFC 7636): from our page to the provider and back. */
export class Consents {
  readonly #parts: Parts;
  readonly #redemption: CodeRedemption;
  readonly #pushed: PushedConsent;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#pushed = new PushedConsent(parts);
    this.#redemption = new CodeRedemption(parts);
  }

  /**
   * Begins a consent; `state` belongs into a cookie of that browser and nowhere else. Where requests are pushed, the
   * provider is asked first, and nothing is begun unless it says yes. Throws `NotFound`, `NotAllowed`, `Conflict`,
   * `Misconfigured`.
   */
  async begin(actor: Person, slug: string): Promise<ConsentBeginning> {
    if (!mayAct(actor.role, 'editor')) throw new NotAllowed('Viewers may look at grants, not consent to them.');
    const { connection, settings } = await this.#connection(slug);
    const { clock, newId, random, vault } = this.#parts;
    const state = newState(random);
    const verifier = newVerifier(random);
    const attemptId = newId();
    const createdAt = clock.now();
    const expiresAt = new Date(createdAt.getTime() + CONSENT_MS);
    const consent = this.#request(connection, settings, state, verifier);
    authorizationUrl(settings, consent);

    const pushed = settings.pushedAuthorizationUrl
      ? await this.#pushed.push(actor, connection, settings, consent)
      : null;
    if (pushed?.kind === 'failed') return { ...pushed, slug };
    await session.insert(ConsentAttempt, {
      id: attemptId,
      workspaceId: actor.workspaceId,
      connectionId: connection.id,
      signInId: actor.signInId,
      stateHash: hashToken(state),
      sealedVerifier: vault.seal(verifier, placeOf(attemptId)),
      sealedRequestUri: pushed && vault.seal(pushed.requestUri, requestUriOf(attemptId)),
      requestUriUntil: pushed && new Date(createdAt.getTime() + pushed.expiresIn * 1000),
      createdAt,
      expiresAt,
    });
    return { kind: 'begun', state, expiresAt };
  }

  /**
   * Where the browser goes for a consent that was begun. Throws `NotFound` when there is none that still stands, and
   * `Conflict` when the provider has forgotten what was pushed to it.
   */
  async authorization(actor: Person, slug: string, state: string): Promise<string> {
    const { connection, settings } = await this.#connection(slug);
    const { clock, vault } = this.#parts;
    const attempt = await session.findOne(ConsentAttempt, {
      stateHash: hashToken(state),
      connectionId: connection.id,
      usedAt: null,
    });
    if (!attempt || attempt.signInId !== actor.signInId || attempt.expiresAt <= clock.now()) {
      throw new NotFound('consent under way for', slug);
    }
    const { sealedRequestUri, requestUriUntil } = attempt;
    if (!sealedRequestUri) {
      const verifier = vault.open(attempt.sealedVerifier, placeOf(attempt.id));
      return authorizationUrl(settings, this.#request(connection, settings, state, verifier));
    }
    if (!requestUriUntil || requestUriUntil <= clock.now()) throw new Conflict(PUSHED_TOO_LONG_AGO);
    return pushedAuthorizationUrl(settings, vault.open(sealedRequestUri, requestUriOf(attempt.id)));
  }

  /** Ends a consent with what the browser brought back; `cookieState` is what its cookie holds. The old grant stays unless a new one came. */
  async end(actor: Person, params: URLSearchParams, cookieState: string | null): Promise<ConsentEnd> {
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
    const verifier = this.#parts.vault.open(attempt.sealedVerifier, placeOf(attempt.id));
    const reading = readCallback(settings, params, state, await this.#maskOf(connection, settings, verifier));
    if (reading.kind === 'refused') return { ...reading, kind: 'failed', slug: connection.slug };

    const proof = { callback: reading.callback, verifier, redirectUri: this.#parts.redirectUri() };
    return this.#redemption.redeem(actor, connection, settings, proof);
  }

  /** Takes out of a provider's words what this connection holds and what this consent set out with. */
  async #maskOf(connection: Connection, settings: OAuth2Settings, verifier: string): Promise<MaskText> {
    const { id, workspaceId, sealedSecrets = null } = connection;
    const { vault } = this.#parts;
    const tokens = openTokens(vault, await heldGrant(workspaceId, id));
    const masker = tokenCallMasker(settings, openSecrets(vault, id, sealedSecrets), [verifier, ...tokens]);
    return (text) => masker.text(text);
  }

  #request(connection: Connection, settings: OAuth2Settings, state: string, verifier: string): ConsentRequest {
    const { vault, redirectUri } = this.#parts;
    const { dpopKey } = settings.dpop ? openSecrets(vault, connection.id, connection.sealedSecrets ?? null) : {};
    const bound = dpopKey && { proofThumbprint: proofThumbprint(dpopKey) };
    return { state, challenge: challengeOf(verifier), redirectUri: redirectUri(), ...bound };
  }

  async #connection(slug: string): Promise<{ readonly connection: Connection; readonly settings: OAuth2Settings }> {
    const connection = await session.findOne(Connection, { slug }, { populate: ['sealedSecrets'] });
    if (!connection) throw new NotFound('connection', slug);
    const { auth, name } = connection;
    if (auth.type !== 'oauth2' || auth.grantType !== 'authorization_code') {
      throw new Conflict(`${name} is not authorised by consent. Edit the connection if it should be.`);
    }
    return { connection, settings: auth };
  }

  #attemptFault(
    attempt: ConsentAttempt,
    actor: Person,
    state: string,
    cookieState: string | null,
  ): ConsentFault | null {
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

function requestUriOf(attemptId: string) {
  return { table: 'consent_attempt', column: 'sealed_request_uri', row: attemptId };
}

function placeOf(attemptId: string) {
  return { table: 'consent_attempt', column: 'sealed_verifier', row: attemptId };
}
