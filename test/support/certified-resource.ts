import { hash, X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { Context, Middleware } from 'koa';
import type { Provider } from 'oidc-provider';

/** What the resource behind the provider saw of a call that it let in. */
export interface Seen {
  readonly clientId: string;
  readonly scheme: string;
  readonly audience: unknown;
  readonly scope: string | undefined;
  /** What the token is bound to (RFC 7800). */
  readonly bound: 'key' | 'certificate' | null;
}

/** An API that lets in who comes with a token of ours, and with what it is bound to. */
export function resource(provider: Provider): Middleware {
  return async (ctx, next) => {
    if (ctx.path !== '/resource') return next();
    const [scheme = '', value = ''] = (ctx.get('authorization') || ' ').split(' ');
    const token = value.includes('.')
      ? claimsOf(value)
      : ((await provider.AccessToken.find(value)) ?? (await provider.ClientCredentials.find(value)));
    const seen = token && seenOf(token as unknown as Record<string, unknown>, scheme, ctx);
    ctx.status = seen ? 200 : 401;
    ctx.body = seen ?? { error: 'invalid_token' };
  };
}

function seenOf(token: Record<string, unknown>, scheme: string, ctx: Context): Seen | null {
  const confirmation = (token['cnf'] ?? { jkt: token['jkt'], 'x5t#S256': token['x5t#S256'] }) as Record<string, string>;
  const { jkt, 'x5t#S256': thumbprint } = confirmation;
  if (jkt && (scheme !== 'DPoP' || thumbprintOf(ctx.get('dpop')) !== jkt)) return null;
  if (thumbprint && hash('sha256', certificateOf(ctx)?.raw ?? '', 'base64url') !== thumbprint) return null;
  return {
    clientId: String(token['clientId'] ?? token['client_id']),
    scheme,
    audience: token['aud'],
    scope: token['scope'] as string | undefined,
    bound: jkt ? 'key' : thumbprint ? 'certificate' : null,
  };
}

/** RFC 7638, of the key that a proof was made with. */
function thumbprintOf(proof: string): string {
  const { jwk } = claimsOf(proof, 0) as { jwk?: Record<string, string> };
  const { crv, kty, x, y } = jwk ?? {};
  return hash('sha256', JSON.stringify({ crv, kty, x, y }), 'base64url');
}

function claimsOf(jwt: string, part = 1): Record<string, unknown> {
  const text = Buffer.from(jwt.split('.')[part] ?? '', 'base64url').toString();
  return text ? (JSON.parse(text) as Record<string, unknown>) : {};
}

/** The certificate a client has shown, if any. */
export function certificateOf({ socket }: Context): X509Certificate | undefined {
  const { raw } = (socket as TLSSocket).getPeerCertificate();
  return raw && new X509Certificate(raw);
}
