import { Router } from '@koa/router';
import type { Context } from 'koa';
import { errors, type Interaction, type Provider } from 'oidc-provider';
import getRawBody from 'raw-body';
import { consentPage, errorPage } from './pages.ts';

const ACCOUNT = 'practice-user';
const FORM_LIMIT = '4kb';

/** The one page between a person and a grant: login and consent in one post. */
export function consentRoutes(provider: Provider): Router {
  const router = new Router();

  router.get('/consent/:uid', async (ctx) => {
    const asked = await interactionOf(provider, ctx);
    if (!asked) return;
    const { clientId, scope, redirectUri } = wishesOf(asked);
    const client = await provider.Client.find(clientId);
    consentPage(ctx, { client: client?.clientName ?? clientId, scopes: scope.split(' ').filter(Boolean), redirectUri });
  });

  router.post('/consent/:uid', async (ctx) => {
    const asked = await interactionOf(provider, ctx);
    if (!asked) return;
    const form = new URLSearchParams(await getRawBody(ctx.req, { limit: FORM_LIMIT, encoding: 'utf8' }));
    const result =
      form.get('answer') === 'allow'
        ? { login: { accountId: ACCOUNT }, consent: { grantId: await newGrant(provider, asked) } }
        : { error: 'access_denied', error_description: 'The person refused.' };
    const next = await provider.interactionResult(ctx.req, ctx.res, result, { mergeWithLastSubmission: false });
    ctx.status = 303;
    ctx.redirect(next);
  });

  return router;
}

/** The consent under way in this browser, or undefined after a page that says that there is none. */
async function interactionOf(provider: Provider, ctx: Context): Promise<Interaction | undefined> {
  try {
    return await provider.interactionDetails(ctx.req, ctx.res);
  } catch (error) {
    if (!(error instanceof errors.SessionNotFound)) throw error;
    ctx.status = 400;
    errorPage(ctx, 'no-consent-under-way', 'This consent has ended, or began in another browser.');
    return undefined;
  }
}

async function newGrant(provider: Provider, asked: Interaction): Promise<string> {
  const { clientId, scope } = wishesOf(asked);
  const grant = new provider.Grant({ accountId: ACCOUNT, clientId });
  grant.addOIDCScope(scope);
  return grant.save();
}

/** What the authorisation request asked for; the provider has checked it. */
function wishesOf({ params }: Interaction): { clientId: string; scope: string; redirectUri: string } {
  const text = (name: string) => (typeof params[name] === 'string' ? params[name] : '');
  return { clientId: text('client_id'), scope: text('scope'), redirectUri: text('redirect_uri') };
}
