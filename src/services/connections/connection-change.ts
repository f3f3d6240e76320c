import type { AuthSecrets, AuthSettings } from '../../kernel/auth.ts';
import { NotAllowed } from '../../kernel/errors.ts';
import type { Role } from '../../kernel/role.ts';
import type { AuthParts, ConnectionInput } from './connection-input.ts';

/** A connection as it stands, as far as a change of it matters. */
export interface Standing {
  readonly baseUrl: string;
  readonly origins: readonly string[];
  readonly resendUnsafeOn401: boolean;
  readonly unmaskNames: readonly string[];
  readonly certificateAuthorities: string | null;
  readonly auth: AuthSettings;
  readonly secrets: AuthSecrets;
  /** True when secrets or tokens are sealed here, whether or not they still open. */
  readonly holds: boolean;
}

/** What an edit means for what is held. */
export interface ChangeOfAuth {
  /** Secrets and grant go to nobody else than the host they were given for: they are forgotten. */
  readonly wipes: boolean;
  /** The grant was renewed under other settings: its generation moves. */
  readonly touchesGrant: boolean;
  readonly secrets: AuthSecrets;
}

/** A change, as far as roles matter. */
interface Reach {
  readonly was: Standing;
  readonly input: ConnectionInput;
  readonly movesHost: boolean;
  readonly movesAuth: boolean;
  readonly changesAuth: boolean;
}

/** Works out what an edit does to secrets and grant. Throws `NotAllowed` where it is for owners. */
export function changeOfAuth(role: Role, was: Standing, input: ConnectionInput, parts: AuthParts): ChangeOfAuth {
  const movesHost = new URL(was.baseUrl).origin !== new URL(input.baseUrl).origin;
  const movesAuth = was.auth.type !== parts.settings.type || urlsOf(was.auth) !== urlsOf(parts.settings);
  const wipes = movesHost || movesAuth;
  const setsSecret = Object.values(parts.secrets).some((value) => value !== undefined);
  const pastes = parts.pasted.accessToken !== undefined || parts.pasted.refreshToken !== undefined;
  const changesAuth = stable(was.auth) !== stable(parts.settings) || setsSecret || pastes;

  if (role !== 'owner') refuseToEditors({ was, input, movesHost, movesAuth, changesAuth });
  return { wipes, touchesGrant: wipes || changesAuth, secrets: mergedSecrets(wipes ? {} : was.secrets, parts.secrets) };
}

function refuseToEditors(reach: Reach): void {
  const what = forOwners(reach);
  if (what) throw new NotAllowed(`Only an owner may change ${what}. Nothing was saved; ask an owner to do it.`);
}

function forOwners({ was, input, movesHost, movesAuth, changesAuth }: Reach): string | null {
  if (movesHost) return "the base URL's host";
  if (movesAuth) return 'the type of authorisation and its addresses';
  if (changesAuth && was.holds) return 'how calls are authorised once secrets are held';
  if (was.holds && was.certificateAuthorities !== input.certificateAuthorities)
    return 'which certificate authorities are trusted once secrets are held';
  if (stable(was.origins) !== stable(input.origins)) return 'extra origins';
  if (was.resendUnsafeOn401 !== input.resendUnsafeOn401) return 'whether unsafe calls are sent again after a 401';
  return exempts(input.unmaskNames, was.unmaskNames) ? 'which names are not masked' : null;
}

/** True when names would be spared that are masked so far. */
export function exempts(wanted: readonly string[] | undefined, spared: readonly string[] = []): boolean {
  return (wanted ?? []).some((name) => !spared.includes(name));
}

/** Secrets held, with those that were given in their place; null takes one away. */
export function mergedSecrets(held: AuthSecrets, given: AuthParts['secrets']): AuthSecrets {
  const merged = new Map(Object.entries(held));
  for (const [name, value] of Object.entries(given)) {
    if (value === null) merged.delete(name);
    else if (value !== undefined) merged.set(name, value);
  }
  return Object.fromEntries(merged);
}

/** Where secrets and tokens go, and who is believed about it. */
function urlsOf(auth: AuthSettings): string {
  if (auth.type !== 'oauth2') return '';
  const { tokenUrl, authorizationUrl, revocationUrl, introspectionUrl, deviceAuthorizationUrl } = auth;
  const { pushedAuthorizationUrl, issuer } = auth;
  const urls = [tokenUrl, authorizationUrl, revocationUrl, introspectionUrl, deviceAuthorizationUrl];
  return stable([...urls, pushedAuthorizationUrl, issuer]);
}

/** JSON in which the order of members does not matter. */
function stable(value: object): string {
  return JSON.stringify(value, (_name, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
