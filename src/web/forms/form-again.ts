import type { Context } from 'koa';
import { InvalidInput, type FieldFault } from '../../kernel/errors.ts';
import { wantsPage } from '../context.ts';

/**
 * Does the work of a form. Where its fields cannot be taken, a person gets the form again, with 422, by `show`; a
 * program gets the problem. Everything else that is thrown goes on.
 */
export async function orFormAgain(
  ctx: Context,
  work: () => Promise<void>,
  show: (faults: readonly FieldFault[]) => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof InvalidInput) || !wantsPage(ctx)) throw error;
    ctx.status = 422;
    await show(error.errors);
  }
}
