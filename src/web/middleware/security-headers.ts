import type { Middleware } from 'koa';
import type { RandomBytes } from '../../kernel/ids.ts';
import { factsOf } from '../context.ts';

const NONCE_BYTES = 16;

interface Parts {
  readonly publicUrl: string;
  readonly random: RandomBytes;
}

/** The headers of every answer but its `Content-Security-Policy`; names in the order they are written. */
export function fixedHeaders(publicUrl: string): Readonly<Record<string, string>> {
  return Object.freeze({
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), clipboard-read=()',
    'Cache-Control': 'no-store',
    ...(publicUrl.startsWith('https:') && { 'Strict-Transport-Security': 'max-age=31536000; includeSubDomains' }),
  });
}

/** The policy of an answer (Content Security Policy Level 3) whose inline scripts carry `nonce`; null allows none. */
export function contentSecurityPolicy(nonce: string | null): string {
  return (
    `default-src 'none'; script-src 'self'${nonce === null ? '' : ` 'nonce-${nonce}'`}; style-src 'self'; img-src 'self' data:; font-src 'self'; ` +
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
  );
}

/** Puts the defensive headers on every answer. What comes later may only replace `Cache-Control`. */
export function securityHeaders({ publicUrl, random }: Parts): Middleware {
  const fixed = fixedHeaders(publicUrl);
  return async function securityHeaders(ctx, next) {
    const facts = factsOf(ctx);
    facts.nonce = random(NONCE_BYTES).toString('base64');
    ctx.set(fixed);
    ctx.set('Content-Security-Policy', contentSecurityPolicy(facts.nonce));
    await next();
  };
}
