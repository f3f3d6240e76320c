import type { Context } from 'koa';

/** Sends the browser to a path of ours with GET, after a form was taken (303; RFC 9110, section 15.4.4). */
export function seeOther(ctx: Context, path: string): void {
  ctx.redirect(path);
  ctx.status = 303;
}
