import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import { type ClientMetadata, errors, type Provider, type TokenEndpointGrantContext } from 'oidc-provider';

/** The one account there is. */
export const ACCOUNT = 'ada';

export const GRANTS = {
  jwtBearer: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
  tokenExchange: 'urn:ietf:params:oauth:grant-type:token-exchange',
  device: 'urn:ietf:params:oauth:grant-type:device_code',
} as const;

/** The password of the one account, and a token of another server that is exchanged here. */
export const KNOWN = { username: ACCOUNT, password: 'the password of ada', subjectToken: 'a token of another server' };

type Asked = TokenEndpointGrantContext<Record<string, string | undefined>>;

/** Grant types that the library leaves to others. */
export function grantTypes(provider: Provider): void {
  const scope = 'scope';
  provider.registerGrantType(
    GRANTS.jwtBearer,
    async (ctx: Asked) => {
      const { aud, sub } = verifiedClaims(ctx.oidc.params['assertion'] ?? '', ctx.oidc.client);
      if (aud !== `${provider.issuer}/token` || !sub) throw new errors.InvalidGrant('not for us');
      await issue(provider, ctx);
    },
    ['assertion', scope],
  );
  provider.registerGrantType(
    GRANTS.tokenExchange,
    async (ctx: Asked) => {
      const { subject_token: token, subject_token_type: type } = ctx.oidc.params;
      if (token !== KNOWN.subjectToken || type !== 'urn:ietf:params:oauth:token-type:access_token')
        throw new errors.InvalidGrant('unknown subject');
      await issue(provider, ctx, { issued_token_type: type });
    },
    ['subject_token', 'subject_token_type', 'requested_token_type', 'audience', scope],
  );
  provider.registerGrantType(
    'password',
    async (ctx: Asked) => {
      const { username, password } = ctx.oidc.params;
      if (username !== KNOWN.username || password !== KNOWN.password) throw new errors.InvalidGrant('unknown person');
      await issue(provider, ctx);
    },
    ['username', 'password', scope],
  );
}

async function issue(provider: Provider, ctx: Asked, more: object = {}): Promise<void> {
  const { scope } = ctx.oidc.params;
  const token = new provider.ClientCredentials({ client: ctx.oidc.client, ...(scope && { scope }) });
  const value = await token.save();
  ctx.body = { access_token: value, expires_in: 3600, token_type: token.tokenType, scope, ...more };
}

/** The claims of an assertion that the client's registered key has signed (RFC 7523, section 3). */
function verifiedClaims(assertion: string, client: { metadata(): ClientMetadata }): Record<string, unknown> {
  const [header = '', payload = '', signature = ''] = assertion.split('.');
  const key = createPublicKey({ key: client.metadata().jwks?.keys[0] as JsonWebKey, format: 'jwk' });
  const signed = Buffer.from(`${header}.${payload}`);
  const isTheirs = verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'));
  if (!isTheirs) throw new errors.InvalidGrant('not signed by the client');
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
}
