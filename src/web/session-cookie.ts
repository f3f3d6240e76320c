import type { Context } from 'koa';

/** The cookie that carries a sign-in's token. */
export interface SessionCookie {
  readonly name: string;
  read(ctx: Context): string | null;
  write(ctx: Context, token: string, expiresAt: Date): void;
  clear(ctx: Context): void;
}

/** `__Host-sid` with `Secure` where people reach us by https, `sid-dev` otherwise (RFC 6265bis, section 4.1.3.2). */
export function sessionCookie(publicUrl: string): SessionCookie {
  const secure = publicUrl.startsWith('https:');
  const name = secure ? '__Host-sid' : 'sid-dev';
  const flags = { httpOnly: true, sameSite: 'lax', path: '/', secure, signed: false, overwrite: true } as const;

  function set(ctx: Context, token: string | null, expires: Date): void {
    // Behind a proxy our own socket is plain; what counts is how people reach us.
    ctx.cookies.secure = secure;
    ctx.cookies.set(name, token, { ...flags, expires });
  }

  return {
    name,
    read: (ctx) => ctx.cookies.get(name, { signed: false }) || null,
    write: set,
    clear: (ctx) => set(ctx, null, new Date(0)),
  };
}
