import { mayAct, type Role } from '../../kernel/role.ts';
import { type LifeOfGrant, PROVIDER_KINDS } from '../../services/grants/grant-life.ts';
import type { ToldIntrospection } from '../../services/grants/introspector.ts';
import { exchangeRow, KIND_WORDS } from './exchange-row.ts';
import { attemptRow } from './grant-attempts.ts';
import { heldFacts, originFacts, scopeDifference, whenText } from './grant-facts.ts';
import { nextStep } from './grant-next.ts';
import { grantView } from './grant-view.ts';
import { GRANT_WORDS } from './grant-words.ts';
import { agoText, moment } from './measures.ts';

/** What the page of a grant is made of; `older` is the address of older attempts, or null. */
export interface GrantPageParts {
  readonly life: LifeOfGrant;
  readonly role: Role;
  readonly introspection: ToldIntrospection | null;
  readonly older: string | null;
  /** Whether the newest attempts are shown. */
  readonly isFirst: boolean;
}

/** The life of a grant on one page. An allow-list: never a token. */
export function grantPage(parts: GrantPageParts, now: Date) {
  const { life, role, introspection } = parts;
  const { facts, telling, token } = life;
  const { slug, name, auth } = facts;
  const href = `/connections/${slug}`;
  const view = grantView(telling, now);
  const canAct = mayAct(role, 'editor') && auth.type === 'oauth2';
  return {
    title: `Grant of ${name}`,
    name,
    href,
    grant: view,
    next: nextStep(life),
    isOAuth: auth.type === 'oauth2',
    held: heldFacts(life, now),
    origin: originFacts(life, now),
    scopeDifference: scopeDifference(life),
    renew: canAct ? renewalOf(life) : null,
    action: canAct ? consentOf(life) : null,
    canIntrospect: canAct && facts.hasAccessToken && auth.introspectionUrl !== null,
    moved: movedView(parts),
    canDisconnect: mayAct(role, 'owner') && (facts.hasAccessToken || facts.hasRefreshToken),
    introspection: introspection && introspectionView(introspection, now),
    token: token && { header: members(token.header, now), claims: members(token.claims, now) },
    attempts: life.attempts.map(attemptRow),
    older: parts.older,
    newest: parts.isFirst ? null : `${href}/grant#attempts`,
    calls: life.calls.map((exchange) => exchangeRow(exchange, now)),
    histories: PROVIDER_KINDS.map((kind) => ({
      word: KIND_WORDS[kind],
      href: `/exchanges?${new URLSearchParams({ connection: slug, kind })}`,
    })),
  };
}

/** What the button for renewing says; besides what a person has to do where that helps afterwards. Null where nothing can. */
function renewalOf({ telling: { state, action }, isRenewable }: LifeOfGrant): string | null {
  if (!isRenewable) return null;
  return action === null || state === 'misconfigured' || state === 'ambiguous' ? GRANT_WORDS[state].renew : null;
}

/** What a person has to do; where nothing has to be done, consenting again is possible all the same. */
function consentOf({ telling, facts }: LifeOfGrant) {
  const { action } = telling;
  if (action) return { label: action.label, href: action.href, isUrgent: true };
  const { auth, slug } = facts;
  if (auth.type !== 'oauth2') return null;
  if (auth.grantType === 'authorization_code')
    return { label: 'Consent again', href: `/connections/${slug}/consent`, isUrgent: false };
  return auth.grantType === 'urn:ietf:params:oauth:grant-type:device_code'
    ? { label: 'Consent again', href: `/connections/${slug}/device`, isUrgent: false }
    : null;
}

/** The endpoint that the issuer names and the one that is used; owners decide. */
function movedView({ life: { facts }, role }: GrantPageParts) {
  const { auth, movedTokenUrl, slug } = facts;
  if (auth.type !== 'oauth2' || movedTokenUrl === null) return null;
  const canDecide = mayAct(role, 'owner');
  return {
    issuer: auth.issuer,
    from: auth.tokenUrl,
    to: movedTokenUrl,
    canDecide,
    editHref: `/connections/${slug}/edit?endpoint=named`,
  };
}

function introspectionView({ at, reply, exchangeId }: ToldIntrospection, now: Date) {
  const asked = { at: moment(at), ago: agoText(at, now), href: `/exchanges/${exchangeId}` };
  if (reply.kind === 'failed') return { ...asked, word: 'not said', tone: 's4', sentence: reply.detail, members: [] };
  const sentence = reply.isActive
    ? 'The provider says that the access token is good.'
    : 'The provider says that the access token is of no use. Renew the grant.';
  const [word, tone] = reply.isActive ? ['active', 's2'] : ['not active', 's5'];
  return { ...asked, word, tone, sentence, members: members(reply.members, now) };
}

type Member = NonNullable<LifeOfGrant['token']>['claims'][number];

function members(all: readonly Member[], now: Date) {
  return all.map(({ name, text, at }) => ({ name, text, when: at && `${moment(at).text}, ${whenText(at, now)}` }));
}
