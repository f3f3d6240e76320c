import { Router } from '@koa/router';
import type { Context } from 'koa';
import type { Clock } from '../../kernel/clock.ts';
import type { FieldFault } from '../../kernel/errors.ts';
import type { Inviter } from '../../services/people/inviter.ts';
import type { Members } from '../../services/people/members.ts';
import { formOf, personOf } from '../context.ts';
import { orFormAgain } from '../forms/form-again.ts';
import { readInvitationForm } from '../forms/invitation-form.ts';
import { readRoleForm } from '../forms/role-form.ts';
import { requireRole } from '../middleware/gate.ts';
import { faultsByField } from '../presenters/field-faults.ts';
import { invitationMadePage } from '../presenters/invitation-page.ts';
import { memberDeletePage, peoplePage } from '../presenters/people-page.ts';
import { seeOther } from '../redirect.ts';
import type { Render } from '../render.ts';

const FIELDS = ['note', 'role'];

interface Parts {
  readonly clock: Clock;
  readonly members: Members;
  readonly inviter: Inviter;
  readonly publicUrl: string;
  readonly render: Render;
}

/** The people of a workspace and who is invited, for owners. */
export function peopleRoutes({ clock, members, inviter, publicUrl, render }: Parts): Router {
  const router = new Router();
  const owner = requireRole('owner');

  async function show(ctx: Context, faults: readonly FieldFault[] = []): Promise<void> {
    const { userId } = personOf(ctx);
    const { role, note } = formOf(ctx);
    const parts = { members: await members.list(), invitations: await inviter.listOpen(), ownUserId: userId };
    const errors = faultsByField(faults, FIELDS);
    await render(ctx, 'people/index', peoplePage({ ...parts, typed: { role, note }, errors }, clock.now()));
  }

  /** Whoever changed themselves may be no owner any more. */
  function goOn(ctx: Context, changed: { readonly userId: string }): void {
    seeOther(ctx, changed.userId === personOf(ctx).userId ? '/' : '/people');
  }

  router.get('/people', owner, (ctx) => show(ctx));

  router.post('/people/:id', owner, async (ctx) => {
    const asking = personOf(ctx);
    const member = await members.find(String(ctx.params.id));
    await orFormAgain(
      ctx,
      async () => {
        await members.changeRole(asking, member.id, readRoleForm(formOf(ctx)));
        goOn(ctx, member);
      },
      (faults) => show(ctx, faults),
    );
  });

  router.get('/people/:id/deletion', owner, async (ctx) => {
    const { userId } = personOf(ctx);
    const member = await members.find(String(ctx.params.id));
    await render(ctx, 'people/delete', memberDeletePage(member, member.userId === userId));
  });

  router.post('/people/:id/deletion', owner, async (ctx) => {
    const asking = personOf(ctx);
    const member = await members.find(String(ctx.params.id));
    await orFormAgain(
      ctx,
      async () => {
        await members.remove(asking, member.id);
        goOn(ctx, member);
      },
      (faults) => show(ctx, faults),
    );
  });

  router.post('/invitations', owner, async (ctx) =>
    orFormAgain(
      ctx,
      async () => {
        const { token, ...invitation } = await inviter.create(personOf(ctx), readInvitationForm(formOf(ctx)));
        ctx.status = 201;
        const link = `${publicUrl}/invitation?token=${token}`;
        await render(ctx, 'invitations/made', invitationMadePage(invitation, link));
      },
      (faults) => show(ctx, faults),
    ),
  );

  router.post('/invitations/:id/deletion', owner, async (ctx) => {
    await inviter.withdraw(personOf(ctx), String(ctx.params.id));
    seeOther(ctx, '/people');
  });

  return router;
}
