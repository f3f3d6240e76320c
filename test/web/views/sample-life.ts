import type { ToldGrantState } from '../../../src/kernel/grant-telling.ts';
import type { Connection } from '../../../src/model/connection.ts';
import type { Exchange } from '../../../src/model/exchange.ts';
import type { GrantPageParts } from '../../../src/web/presenters/grant-page.ts';
import { NOW, PLANTED, sampleTelling } from './samples.ts';

/** The life of a grant with every part there, and columns more; `text` stands wherever a provider or a person writes. */
export function sampleLife(state: ToldGrantState, connection: Connection, exchange: Exchange, text: string): GrantPageParts {
  const member = { name: text, text, at: NOW };
  const attempt = {
    id: exchange.id,
    exchangeId: exchange.id,
    generation: 7,
    state: 'done',
    outcome: 'granted',
    reason: text,
    detail: text,
    keepsTokens: true,
    startedAt: NOW,
    endedAt: NOW,
    sealedTokens: PLANTED,
  } as const;
  const isHeld = state === 'fresh';
  const facts = {
    id: PLANTED,
    workspaceId: PLANTED,
    connectionId: connection.id,
    slug: 'partner',
    name: connection.name,
    auth: connection.auth,
    keepAlive: false,
    lastCallAt: null,
    state: isHeld ? 'held' : 'missing',
    reason: text,
    detail: text,
    generation: 7,
    fence: 9,
    leaseInstance: PLANTED,
    leaseUntil: null,
    hasAccessToken: isHeld,
    hasRefreshToken: isHeld,
    tokenType: 'bearer',
    scope: text,
    scopeAsked: 'orders',
    obtainedAt: NOW,
    expiresAt: NOW,
    refreshExpiresAt: NOW,
    consentedBy: text,
    consentedAt: NOW,
    failures: 0,
    retryAt: null,
    quietUntil: null,
    quietSeconds: 0,
    toldAt: null,
    updatedAt: NOW,
    movedTokenUrl: `https://id.partner.example/${text}`,
    sealedAccessToken: PLANTED,
  } as const;
  const life = {
    telling: sampleTelling(state, { detail: text }),
    facts,
    marginSeconds: 60,
    isRenewable: isHeld,
    recovery: { made: 0, most: 3, isOver: false },
    attempts: isHeld ? [attempt, { ...attempt, state: 'intent', outcome: null, endedAt: null } as const] : [],
    older: null,
    calls: (isHeld ? [{ ...exchange, slugNow: text, pinNote: text }] : []) as GrantPageParts['life']['calls'],
    token: isHeld ? { header: [member], claims: [member, { ...member, at: null }] } : null,
  };
  const reply = { kind: 'told', isActive: true, members: [member] } as const;
  return {
    life,
    role: 'owner',
    introspection: isHeld ? { exchangeId: exchange.id, at: NOW, reply } : null,
    older: isHeld ? '/connections/partner/grant?cursor=x' : null,
    isFirst: !isHeld,
  };
}
