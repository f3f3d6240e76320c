import type { GrantTelling } from '../../kernel/grant-telling.ts';
import { mayAct, type Role } from '../../kernel/role.ts';
import type { Connection } from '../../model/connection.ts';
import { grantView } from './grant-view.ts';
import { hostOf } from './url-host.ts';

/** What the page shows before a person is sent to the provider. `redirectUri` is where the provider sends them back. */
export function consentPage(connection: Connection, telling: GrantTelling, role: Role, redirectUri: string, now: Date) {
  const { auth } = connection;
  const authorizationUrl = auth.type === 'oauth2' ? auth.authorizationUrl : null;
  return {
    title: `Consent for ${connection.name}`,
    name: connection.name,
    href: `/connections/${connection.slug}`,
    action: `/connections/${connection.slug}/consents`,
    provider: hostOf(authorizationUrl),
    scopes: auth.type === 'oauth2' ? (auth.scope ?? '').split(' ').filter((scope) => scope !== '') : [],
    clientId: auth.type === 'oauth2' ? auth.clientId : null,
    redirectUri,
    grant: grantView(telling, now),
    canConsent: mayAct(role, 'editor') && authorizationUrl !== null,
  };
}

/** What the page shows that links out to the provider, after the form was sent; throws for what is no http address. */
export function consentContinuePage(connection: Connection, authorizationUrl: string) {
  if (!/^https?:\/\//i.test(authorizationUrl)) throw new TypeError('The authorisation URL is no http address.');
  return {
    title: `Continue to ${hostOf(authorizationUrl) ?? 'the provider'}`,
    name: connection.name,
    href: `/connections/${connection.slug}`,
    provider: hostOf(authorizationUrl) ?? 'the provider',
    authorizationUrl,
  };
}

/** What the page shows when no grant came of a consent. `detail` says why, `code` is the word for it, the provider's or ours. */
export function consentFailedPage(connection: Connection | null, detail: string, code: string | null) {
  return {
    title: 'No grant came of it',
    name: connection?.name ?? null,
    href: connection ? `/connections/${connection.slug}` : '/connections',
    retryHref: connection ? `/connections/${connection.slug}/consent` : null,
    detail,
    code,
  };
}
