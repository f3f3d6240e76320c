import type { Context } from 'koa';
import { type AppError, Conflict, InvalidInput, NotAllowed, type FieldFault } from '../../kernel/errors.ts';
import { wantsPage } from '../context.ts';
import { statusOf } from '../problem-details.ts';

/**
 * Does the work of a form. Where its fields cannot be taken, or not by this person, or not just now, a person gets the
 * form again by `show`, with the problem's status and nothing lost; a program gets the problem. Everything else that is
 * thrown goes on.
 */
export async function orFormAgain(
  ctx: Context,
  work: () => Promise<void>,
  show: (faults: readonly FieldFault[]) => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    const refused = refusalOf(error);
    if (!refused || !wantsPage(ctx)) throw error;
    ctx.status = statusOf(refused.error);
    await show(refused.faults);
  }
}

function refusalOf(error: unknown): { readonly error: AppError; readonly faults: readonly FieldFault[] } | null {
  if (error instanceof InvalidInput) return { error, faults: error.errors };
  const isForPeople = error instanceof Conflict || error instanceof NotAllowed;
  return isForPeople ? { error, faults: [{ pointer: '', detail: error.message }] } : null;
}
