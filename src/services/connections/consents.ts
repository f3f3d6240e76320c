import { heldGrant } from '../../db/queries/held-grant.ts';
import { session } from '../../db/session.ts';
import type { OAuth2Settings } from '../../kernel/auth.ts';
import { Conflict, NotAllowed, NotFound } from '../../kernel/errors.ts';
import type { RandomBytes } from '../../kernel/ids.ts';
import type { MaskText } from '../../kernel/logger.ts';
import { mayAct, type Person } from '../../kernel/role.ts';
import { Connection } from '../../model/connection.ts';
import { ConsentAttempt } from '../../model/consent-attempt.ts';
import { authorizationUrl, challengeOf, newState, newVerifier, readCallback } from '../../oauth/authorization.ts';
import { hashToken } from '../../secrets/opaque-token.ts';
import { openSecrets } from '../grants/held-secrets.ts';
import { openTokens } from '../grants/live-secrets.ts';
import { tokenCallMasker } from '../grants/token-call.ts';
import { CodeRedemption, type RedemptionParts } from './code-redemption.ts';
import { type ConsentEnd, type ConsentFault, EXPIRED, OTHER_BROWSER, UNKNOWN_STATE, USED } from './consent-end.ts';

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

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#redemption = new CodeRedemption(parts);
  }

  /** Begins a consent; `state` belongs into a cookie of that browser and nowhere else. Throws `NotFound`, `NotAllowed`, `Conflict`. */
  async begin(actor: Person, slug: string): Promise<{ readonly state: string; readonly expiresAt: Date }> {
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
  async authorization(actor: Person, slug: string, state: string): Promise<string> {
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

  async #connection(slug: string): Promise<{ readonly id: string; readonly settings: OAuth2Settings }> {
    const connection = await session.findOne(Connection, { slug });
    if (!connection) throw new NotFound('connection', slug);
    const { auth, id, name } = connection;
    if (auth.type !== 'oauth2' || auth.grantType !== 'authorization_code') {
      throw new Conflict(`${name} is not authorised by consent. Edit the connection if it should be.`);
    }
    return { id, settings: auth };
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

function placeOf(attemptId: string) {
  return { table: 'consent_attempt', column: 'sealed_verifier', row: attemptId };
}
