import type { AuthSecrets, OAuth2Settings } from '../../kernel/auth.ts';
import type { OutboundRequest } from '../../kernel/exchange.ts';
import type { Masker } from '../../kernel/masker.ts';
import type { TokenReply } from '../../kernel/token-reply.ts';
import { madeFor } from '../../oauth/sent-fields.ts';
import type { TokenGrant } from '../../oauth/token-request.ts';
import { maskerFor } from '../../secrets/masking.ts';
import { Names } from '../../secrets/names.ts';

const NAMES = new Names({ wide: true });

/**
 * What must not be seen of a call to a provider: every secret of the connection, parameters of its own that are called
 * like one, what the call carries besides, and what came with the answer.
 */
export function tokenCallMasker(
  { clientId, parameters }: OAuth2Settings,
  secrets: AuthSecrets,
  carried: readonly (string | null)[],
  reply?: TokenReply,
): Masker {
  const { clientSecret } = secrets;
  const came = reply?.kind === 'granted' ? [reply.tokens.accessToken, reply.tokens.refreshToken] : [];
  const named = parameters.filter(({ name }) => isSecretName(name)).map(({ value }) => value);
  const all: unknown[] = [...Object.values(secrets), ...named, ...carried, ...came];
  return maskerFor({
    secrets: all.filter((secret) => typeof secret === 'string' && secret !== '') as string[],
    basicPairs: clientSecret ? [[clientId, clientSecret]] : [],
    wide: true,
  });
}

/** The secrets of one token call: what it asks with, and what was made for its requests. */
export function callSecrets(grant: TokenGrant, requests: readonly OutboundRequest[]): (string | null)[] {
  return [...askedWith(grant), ...requests.flatMap(madeFor)];
}

function askedWith(grant: TokenGrant): (string | null)[] {
  switch (grant.kind) {
    case 'refresh':
      return [grant.refreshToken];
    case 'device':
      return [grant.deviceCode];
    case 'code':
      return [grant.callback.get('code'), grant.verifier];
    default:
      return [];
  }
}

function isSecretName(name: string): boolean {
  return NAMES.isField(name) || NAMES.isHeader(name);
}
