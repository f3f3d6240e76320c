import { Router } from '@koa/router';
import type { Context } from 'koa';
import type { Clock } from '../../kernel/clock.ts';
import type { FieldFault } from '../../kernel/errors.ts';
import type { ApiKeys } from '../../services/keys/api-keys.ts';
import { formOf, personOf } from '../context.ts';
import { orFormAgain } from '../forms/form-again.ts';
import { readKeyForm } from '../forms/key-form.ts';
import { requireRole } from '../middleware/gate.ts';
import { faultsByField } from '../presenters/field-faults.ts';
import { keyList, type KeyListParts } from '../presenters/key-list.ts';
import { seeOther } from '../redirect.ts';
import type { Render } from '../render.ts';

const FIELDS = ['name', 'role', 'expires', 'expiresAt'];

interface Parts {
  readonly clock: Clock;
  readonly apiKeys: ApiKeys;
  readonly render: Render;
}

/** API keys, for owners: list, make, revoke. A new key is in the answer that makes it and nowhere else. */
export function keyRoutes({ clock, apiKeys, render }: Parts): Router {
  const router = new Router();
  const owner = requireRole('owner');

  async function show(ctx: Context, parts: Omit<KeyListParts, 'keys'> = {}): Promise<void> {
    await render(ctx, 'keys/index', keyList({ keys: await apiKeys.list(), ...parts }, clock.now()));
  }

  router.get('/keys', owner, (ctx) => show(ctx));

  router.post('/keys', owner, (ctx) =>
    orFormAgain(
      ctx,
      async () => {
        const { name, key } = await apiKeys.create(personOf(ctx), readKeyForm(formOf(ctx), clock.now()));
        ctx.status = 201;
        await show(ctx, { made: { name, key } });
      },
      (faults: readonly FieldFault[]) => show(ctx, { values: formOf(ctx), errors: faultsByField(faults, FIELDS) }),
    ),
  );

  router.post('/keys/:id/revocation', owner, async (ctx) => {
    await apiKeys.revoke(personOf(ctx), String(ctx.params.id));
    seeOther(ctx, '/keys');
  });

  return router;
}
