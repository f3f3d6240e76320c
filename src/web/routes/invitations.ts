import { Router } from '@koa/router';
import type { Context } from 'koa';
import type { FieldFault } from '../../kernel/errors.ts';
import type { Gatekeeper } from '../../services/gatekeeper.ts';
import type { Accepted, Invitations, OpenInvitation, SpentInvitation } from '../../services/people/invitations.ts';
import type { Workspaces } from '../../services/people/workspaces.ts';
import { addressOf, askerOf, formOf, personOf } from '../context.ts';
import { orFormAgain } from '../forms/form-again.ts';
import { readNewcomerForm } from '../forms/invitation-form.ts';
import { faultsByField } from '../presenters/field-faults.ts';
import { invitationPage, invitationSpentPage } from '../presenters/invitation-page.ts';
import { seeOther } from '../redirect.ts';
import type { Render } from '../render.ts';
import type { SessionCookie } from '../session-cookie.ts';
import { browserOf } from './sign-in.ts';

const FIELDS = ['email', 'password'];
const ACCOUNT_EXISTS = {
  pointer: '/email',
  detail: 'This address has an account. Sign in with it first; the link below leads back here.',
};
const MEMBER_ALREADY = {
  pointer: '',
  detail: 'You are in this workspace already. Nothing was changed, and the invitation is still good for somebody else.',
};

interface Parts {
  readonly gatekeeper: Gatekeeper;
  readonly invitations: Invitations;
  readonly workspaces: Workspaces;
  readonly cookie: SessionCookie;
  readonly render: Render;
}

/** What a link does for whoever opens it, signed in or not. */
export function invitationRoutes({ gatekeeper, invitations, workspaces, cookie, render }: Parts): Router {
  const router = new Router();

  async function show(ctx: Context, token: string, faults: readonly FieldFault[] = []): Promise<void> {
    const invitation = await invitations.look(token, addressOf(ctx));
    if (invitation.state !== 'open') return showSpent(ctx, invitation);
    const { email } = formOf(ctx);
    const parts = { token, invitation, person: await personBefore(ctx, invitation), typed: { email } };
    const errors = faultsByField(faults, FIELDS);
    return render(ctx, 'invitations/show', invitationPage({ ...parts, errors }));
  }

  async function showSpent(ctx: Context, invitation: SpentInvitation): Promise<void> {
    ctx.status = invitation.state === 'unknown' ? 404 : 410;
    await render(ctx, 'invitations/spent', invitationSpentPage(invitation));
  }

  async function personBefore(ctx: Context, { workspace }: OpenInvitation) {
    if (!askerOf(ctx)) return null;
    const { userId, name } = personOf(ctx);
    const membership = (await workspaces.ofPerson(userId)).find(({ workspaceId }) => workspaceId === workspace.id);
    return { name, isMemberAs: membership?.role ?? null };
  }

  async function goOn(ctx: Context, token: string, accepted: Accepted): Promise<void> {
    switch (accepted.state) {
      case 'joined': {
        const { token: cookieToken, expiresAt } = askerOf(ctx)
          ? await gatekeeper.moveTo(personOf(ctx), accepted.slug)
          : await gatekeeper.admit(accepted.member, browserOf(ctx, cookie));
        cookie.write(ctx, cookieToken, expiresAt);
        return seeOther(ctx, '/');
      }
      case 'member-already':
      case 'account-exists':
        ctx.status = 409;
        return show(ctx, token, [accepted.state === 'account-exists' ? ACCOUNT_EXISTS : MEMBER_ALREADY]);
      default:
        return showSpent(ctx, accepted);
    }
  }

  router.get('/invitation', (ctx) => show(ctx, String(ctx.query.token ?? '')));

  router.post('/invitation', (ctx) => {
    const { token = '' } = formOf(ctx);
    const address = addressOf(ctx);
    return orFormAgain(
      ctx,
      async () => {
        const accepted = askerOf(ctx)
          ? await invitations.join(token, personOf(ctx), address)
          : await invitations.register(token, readNewcomerForm(formOf(ctx)), address);
        await goOn(ctx, token, accepted);
      },
      (faults) => show(ctx, token, faults),
    );
  });

  return router;
}
