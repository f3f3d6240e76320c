import type { Middleware } from 'koa';
import type { Assets } from '../assets.ts';

interface Parts {
  readonly assets: Pick<Assets, 'find'>;
}

/** Serves the browser's files from memory. An address that names its content may be kept for ever, any other for never. */
export function assetFiles({ assets }: Parts): Middleware {
  return async function assetFiles(ctx, next) {
    const asset = ctx.method === 'GET' || ctx.method === 'HEAD' ? assets.find(ctx.path) : null;
    if (!asset) return next();

    ctx.set('Cache-Control', asset.immutable ? 'public, max-age=31536000, immutable' : 'no-cache');
    ctx.set('ETag', asset.etag);
    ctx.type = asset.type;
    ctx.status = 200;
    if (ctx.fresh) ctx.status = 304;
    else ctx.body = asset.bytes;
    return undefined;
  };
}
