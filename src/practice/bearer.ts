import type { Middleware } from 'koa';
import type { Provider } from 'oidc-provider';

/** Lets a call under `prefix` in that carries a live access token of this provider, else 401 (RFC 6750, section 3). */
export function requireBearer(provider: Provider, prefix: string): Middleware {
  return async function bearer(ctx, next) {
    if (!ctx.path.startsWith(prefix)) return next();
    const token = /^Bearer ([\w~+/.=-]+)$/i.exec(ctx.get('authorization'))?.[1];
    const held = token && ((await provider.AccessToken.find(token)) ?? (await provider.ClientCredentials.find(token)));
    if (held) return next();

    ctx.status = 401;
    ctx.set('www-authenticate', 'Bearer realm="practice", error="invalid_token"');
    ctx.body = { error: 'invalid_token', message: 'The access token is missing, unknown or expired.' };
  };
}
