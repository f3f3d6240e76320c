import type { ClaimValue, ExtraParameter, OAuth2Settings } from '../../kernel/auth.ts';
import type { FieldFault } from '../../kernel/errors.ts';
import type { Masker } from '../../kernel/masker.ts';
import { headerFaults } from '../../outbound/request-target.ts';

/** Parameters of the standards, and where each comes from; one of the same name would take its place. */
const STANDARD = new Map(
  Object.entries({
    'has a field of its own':
      'scope resource audience username password subject_token subject_token_type actor_token actor_token_type requested_token_type client_id client_secret refresh_token issuer',
    'is set by Callbook': `response_type response_mode redirect_uri state nonce code_challenge code_challenge_method request
      request_uri dpop_jkt grant_type code code_verifier device_code client_assertion client_assertion_type assertion`,
  }).flatMap(([why, names]) => names.split(/\s+/).map((name) => [name, why] as const)),
);
const OWN_HEADERS = new Set(['content-type', 'accept', 'dpop']);

/** What cannot be among the parameters and claims of a set-up; they are shown, so `masker` finds what is a secret. */
export function requestFaults({ parameters, assertionClaims }: OAuth2Settings, masker: Masker): FieldFault[] {
  const faults = parameters.flatMap((parameter, at) => {
    const detail = placeFault(parameter) ?? nameFault(parameter) ?? secretFault(parameter, masker);
    return detail === null ? [] : [{ pointer: `/auth/parameters/${at}`, detail }];
  });
  return [...faults, ...claimFaults(assertionClaims, masker)];
}

function placeFault({ phase, in: place }: ExtraParameter): string | null {
  return phase === 'authorize' && place !== 'query'
    ? 'A browser carries the authorisation request, so its parameters stand in the query.'
    : null;
}

function nameFault({ in: place, name, value }: ExtraParameter): string | null {
  const key = name.toLowerCase();
  if (place === 'header')
    return OWN_HEADERS.has(key) ? `Callbook sets ${key} itself.` : (headerFaults([[name, value]])[0]?.detail ?? null);
  const why = STANDARD.get(key);
  return why === undefined ? null : `"${name}" is a parameter of the standard and ${why}.`;
}

function secretFault({ in: place, name, value }: ExtraParameter, masker: Masker): string | null {
  const url = `https://provider.example/?${new URLSearchParams({ [name]: value }).toString()}`;
  const isSecret = place === 'header' ? masker.headers([[name, value]])[0]?.[1] !== value : masker.url(url) !== url;
  return isSecret
    ? `"${name}" carries a secret, and parameters are shown to everybody who may look. Secrets go into the fields that are sealed.`
    : null;
}

/** RFC 7523, section 3. */
function claimFaults(claims: OAuth2Settings['assertionClaims'], masker: Masker): FieldFault[] {
  const faults = Object.entries(claims).flatMap(([name, value]) => {
    const detail = claimFault(name, value);
    return detail === null ? [] : [{ pointer: `/auth/assertionClaims/${pointed(name)}`, detail }];
  });
  const { masked } = masker.body(new TextEncoder().encode(JSON.stringify(claims)), 'application/json');
  if (!masked) return faults;
  const detail = 'A claim carries a secret, and claims are shown to everybody who may look.';
  return [...faults, { pointer: '/auth/assertionClaims', detail }];
}

function claimFault(name: string, value: ClaimValue): string | null {
  if (['exp', 'iat', 'nbf', 'jti'].includes(name)) return `Callbook sets "${name}" anew for each assertion.`;
  if ((name === 'iss' || name === 'sub') && typeof value !== 'string') return `"${name}" is a text.`;
  if (name === 'aud' && typeof value !== 'string' && !Array.isArray(value))
    return '"aud" is a text or a list of texts.';
  return null;
}

/** RFC 6901, section 3. */
function pointed(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
