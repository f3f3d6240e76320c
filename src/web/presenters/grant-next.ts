import type { LifeOfGrant } from '../../services/grants/grant-life.ts';

/** What a person should do next about a grant, or that there is nothing to do: one or two sentences. */
export function nextStep({ telling, facts, isRenewable, recovery }: LifeOfGrant): string {
  const { action } = telling;
  switch (telling.state) {
    case 'static':
      return 'Nothing to do: there is no grant to keep.';
    case 'fresh':
    case 'due':
    case 'refreshing':
      return isRenewable
        ? 'Nothing to do: it is renewed by itself.'
        : 'Nothing can renew it. When it ends, a person has to consent again.';
    case 'expired':
      return isRenewable
        ? 'Nothing to do: the next call, or the background, asks for a new token.'
        : 'It has ended and nothing can renew it: consent again.';
    case 'ambiguous':
      return recovery.isOver
        ? `All ${recovery.most} recovery tries went unanswered. Renew it by hand, or consent again.`
        : `The same refresh token is tried again by itself, after ${recovery.made} of ${recovery.most} recovery tries.`;
    case 'consent-needed':
      return action ? `${action.label}: until then no call leaves.` : 'A person has to consent again.';
    case 'misconfigured':
      return facts.reason === 'invalid_client'
        ? 'Check the client id, its secret and how the client proves itself, then renew. Other connections of this client wait for it too.'
        : 'Edit the connection as the provider wants it, then renew.';
    case 'missing':
      return action ? `${action.label}: no call leaves before.` : 'Nothing to do: the first call asks for a token.';
    case 'revoked':
      return action ? `${action.label} to use it again.` : 'Renew it by hand to use it again.';
  }
}
