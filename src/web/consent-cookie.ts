import type { Context } from 'koa';

const LABEL_CHARACTERS = 8;

/** The cookie that binds one consent to the browser that began it; several consents may be under way. */
export interface ConsentCookie {
  /** The part of `state` that names the cookie: its first eight characters. */
  labelOf(state: string): string;
  /** Keeps `state` and gives its label. */
  write(ctx: Context, state: string, expiresAt: Date): string;
  read(ctx: Context, label: string): string | null;
  clear(ctx: Context, label: string): void;
}

/** `__Host-oauth-…` with `Secure` where people reach us by https, `oauth-dev-…` otherwise. */
export function consentCookie(publicUrl: string): ConsentCookie {
  const secure = publicUrl.startsWith('https:');
  const flags = { httpOnly: true, sameSite: 'lax', path: '/', secure, signed: false, overwrite: true } as const;
  const nameOf = (label: string) => `${secure ? '__Host-oauth-' : 'oauth-dev-'}${label}`;
  const labelOf = (state: string) => (/^[\w-]+$/.test(state) ? state.slice(0, LABEL_CHARACTERS) : 'none');

  function set(ctx: Context, label: string, state: string | null, expires: Date): void {
    ctx.cookies.secure = secure;
    ctx.cookies.set(nameOf(label), state, { ...flags, expires });
  }

  return {
    labelOf,
    write(ctx, state, expiresAt) {
      set(ctx, labelOf(state), state, expiresAt);
      return labelOf(state);
    },
    read: (ctx, label) => (/^[\w-]+$/.test(label) && ctx.cookies.get(nameOf(label), { signed: false })) || null,
    clear: (ctx, label) => set(ctx, label, null, new Date(0)),
  };
}
