import type { Middleware } from 'koa';
import { Malformed } from '../../kernel/errors.ts';
import { factsOf, isForPrograms } from '../context.ts';

interface Parts {
  readonly publicUrl: string;
}

/**
 * Keeps people on the one host name of PUBLIC_URL: cookies, the CSRF rule and OAuth's redirect URI depend on it. A page
 * asked for under another name, or by http where a trusted proxy offers https, is redirected; any other method is
 * refused. Programs may come by any name, because nothing of theirs hangs on it.
 */
export function oneHost({ publicUrl }: Parts): Middleware {
  const { host, protocol } = new URL(publicUrl);
  return async function oneHost(ctx, next) {
    if (!ctx.url.startsWith('/') && ctx.url !== '*') throw new Malformed('The address must be a path.');

    const { forwardedProtocol } = factsOf(ctx);
    const isOurs = nameOf(ctx.get('Host'), protocol) === host;
    const isPlain = protocol === 'https:' && forwardedProtocol === 'http';
    if ((isOurs && !isPlain) || isForPrograms(ctx.path)) return next();

    if (ctx.method !== 'GET' && ctx.method !== 'HEAD') {
      throw new Malformed(`Open Callbook at ${publicUrl}; changes are accepted there only.`);
    }
    ctx.redirect(`${publicUrl}${ctx.url}`);
    return undefined;
  };
}

/** A `Host` header as URLs write it: lower case, without the port that goes without saying. */
function nameOf(host: string, protocol: string): string {
  const url = `${protocol}//${host}`;
  return URL.canParse(url) ? new URL(url).host : '';
}
