import type { Context, Middleware } from 'koa';
import { AppError, InvalidInput, type ErrorCode, type FieldFault } from '../kernel/errors.ts';
import type { Logger } from '../kernel/logger.ts';
import { requestIdOf, wantsPage } from './context.ts';
import { MethodNotAllowed, NoSuchPage } from './errors.ts';
import { PROBLEM_KINDS } from './problem-kinds.ts';

/** A problem as RFC 9457 (section 3.1) has it, with `errors` for fields and `id` for what only the log explains. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly errors?: readonly FieldFault[];
  readonly id?: string;
}

/** Codes for faults of libraries that say their HTTP status, as http-errors does. */
const CODES_BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  404: 'not-found',
  405: 'method-not-allowed',
  413: 'too-large',
  415: 'unsupported-media-type',
};

interface Parts {
  readonly logger: Logger;
  readonly renderPage: (ctx: Context, problem: Problem) => void | Promise<void>;
}

/**
 * Turns whatever was thrown, and a path or method that nothing answered, into a problem: JSON for programs, a page for
 * people. Only faults nobody raised on purpose are logged; they show an id that is in the log, and nothing else.
 */
export function problemDetails({ logger, renderPage }: Parts): Middleware {
  return async function problemDetails(ctx, next) {
    try {
      await next();
      refuseUnanswered(ctx);
    } catch (error) {
      const problem = problemOf(error, ctx);
      if (problem.id) logger.error({ id: problem.id, error }, 'A request failed in a way nobody foresaw.');
      if (ctx.headerSent || !ctx.writable) {
        ctx.res.destroy();
        return;
      }
      await answer(ctx, error, problem, renderPage).catch((fault: unknown) => {
        logger.error({ id: requestIdOf(ctx), error: fault }, 'The page of a problem could not be rendered.');
        answerInJson(ctx, problem);
      });
    }
  };
}

/** The problem that `error` is to whoever asked for the path of `ctx`. */
function problemOf(error: unknown, ctx: Context): Problem {
  const { code, detail } = said(error);
  const { status, title } = PROBLEM_KINDS[code];
  return {
    ...(error instanceof AppError && error.facts),
    type: `/problems/${code}`,
    status,
    title,
    detail,
    instance: ctx.path,
    ...(error instanceof InvalidInput && { errors: error.errors }),
    ...(code === 'unexpected' && { id: requestIdOf(ctx) }),
  };
}

/** The HTTP status of a fault of the family. */
export function statusOf({ code }: AppError): number {
  return PROBLEM_KINDS[code].status;
}

function said(error: unknown): { code: ErrorCode; detail: string } {
  if (error instanceof AppError) return { code: error.code, detail: error.message };
  if (Error.isError(error) && 'expose' in error && error.expose === true && 'status' in error) {
    const code = CODES_BY_STATUS[Number(error.status)] ?? 'malformed';
    return { code, detail: PROBLEM_KINDS[code].title };
  }
  return { code: 'unexpected', detail: 'The log has the details, under the id of this problem.' };
}

/** `allowedMethods()` of the router leaves 405 or 501 and `Allow`, but no body. */
function refuseUnanswered(ctx: Context): void {
  // Written past Koa: a relayed 404 is an answer.
  if (ctx.respond === false) return;
  if (ctx.body !== undefined && ctx.body !== null) return;
  if (ctx.status === 404) throw new NoSuchPage();
  if (ctx.status === 405 || ctx.status === 501) {
    const allowed = ctx.response.get('Allow');
    throw new MethodNotAllowed(`${ctx.method} is not for this address.${allowed && ` It takes ${allowed}.`}`);
  }
}

async function answer(ctx: Context, error: unknown, problem: Problem, renderPage: Parts['renderPage']): Promise<void> {
  for (const name of ['Content-Disposition', 'Content-Encoding', 'ETag', 'Last-Modified']) ctx.remove(name);
  ctx.set('Cache-Control', 'no-store');
  ctx.set('Callbook-Problem', problem.type.slice('/problems/'.length));
  if (Error.isError(error) && 'retryAfterSeconds' in error) {
    ctx.set('Retry-After', String(Math.max(1, Math.ceil(Number(error.retryAfterSeconds)))));
  }
  ctx.status = problem.status;
  if (wantsPage(ctx)) {
    await renderPage(ctx, problem);
    return;
  }
  if (problem.status === 401) ctx.set('WWW-Authenticate', 'Bearer realm="callbook"');
  answerInJson(ctx, problem);
}

function answerInJson(ctx: Context, problem: Problem): void {
  ctx.body = problem;
  ctx.status = problem.status;
  ctx.type = 'application/problem+json';
}
