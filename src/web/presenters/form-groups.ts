import { NEW_CONNECTION, type ConnectionValues } from './connection-values.ts';

/** Fields of the connection form that stand folded away until one of them holds something. */
const GROUPS = {
  tokens: ['refreshToken', 'accessToken', 'expiresIn'],
  exchange: ['actorToken', 'actorTokenType', 'requestedTokenType'],
  addresses: ['pushedAuthorizationUrl', 'revocationUrl', 'introspectionUrl', 'requiresIss'],
  request: ['resource', 'audience', 'parameters'],
  signing: ['keyId', 'assertionAudience'],
  life: ['dpop', 'marginSeconds', 'replaySeconds'],
  quirks: ['jsonBody', 'secretInQuery', 'tokenPath', 'expiresInMs'],
  trust: ['certificateAuthorities'],
} as const;

/** Which of the groups stand open: those that hold something unusual or a fault. */
export function openGroups(values: ConnectionValues, errors: Readonly<Record<string, string>>) {
  const usual: Readonly<Record<string, string | boolean>> = NEW_CONNECTION;
  const typed: Readonly<Record<string, string | boolean>> = values;
  const isOpen = (fields: readonly string[]) =>
    fields.some(
      (name) => errors[name] !== undefined || (name in typed && typed[name] !== '' && typed[name] !== usual[name]),
    );
  const opens = Object.fromEntries(Object.entries(GROUPS).map(([group, fields]) => [group, isOpen(fields)]));
  const isPasted = values.grantType === 'refresh_token';
  return { ...(opens as Record<keyof typeof GROUPS, boolean>), tokens: isPasted || opens['tokens'] === true };
}
