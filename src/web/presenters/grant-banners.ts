import type { GrantTelling } from '../../kernel/grant-telling.ts';
import type { Banner } from './layout.ts';

const WORDS: Readonly<Record<string, string>> = {
  'consent-needed': 'needs consent again before calls can go out.',
  misconfigured: 'is not set up as its provider wants it.',
  revoked: 'has no grant any more: it was revoked.',
};

/** A banner for each grant that only a person can mend. */
export function grantBanners(tellings: readonly GrantTelling[]): Banner[] {
  return tellings.flatMap(({ connection, state, action }) => {
    const words = WORDS[state];
    if (words === undefined) return [];
    const { href, label } = action ?? { href: `/connections/${connection}`, label: 'Look' };
    return [{ text: `The connection “${connection}” ${words}`, href, label }];
  });
}
