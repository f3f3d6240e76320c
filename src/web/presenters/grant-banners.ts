import { type GrantTelling, isClientRefused, troubleOf } from '../../kernel/grant-telling.ts';
import type { Banner } from './layout.ts';

/** Banners on a page; what is more is counted. */
const MOST = 4;

const WORDS: Readonly<Record<string, string>> = {
  'consent-needed': 'needs consent again before calls can go out.',
  misconfigured: 'is not set up as its provider wants it.',
  revoked: 'has no grant any more: it was revoked.',
  ambiguous: 'may have lost its grant: nobody knows whether the provider renewed it.',
};

/** A banner for each trouble that only a person can mend, one for a client that waits in many connections; and for issuers that moved. */
export function grantBanners(tellings: readonly GrantTelling[]): Banner[] {
  return [...troubleBanners(tellings), ...movedBanners(tellings)];
}

function troubleBanners(tellings: readonly GrantTelling[]): Banner[] {
  const troubles = [...Map.groupBy(tellings.filter(needsPerson), troubleOf).values()];
  const shown = troubles.length > MOST ? troubles.slice(0, MOST - 1) : troubles;
  const rest = troubles.slice(shown.length).flat().length;
  return [...shown.map(bannerOf), ...(rest > 0 ? [restBanner(rest)] : [])];
}

/** An ambiguous grant is tried again by itself as long as nobody has to act. */
function needsPerson({ state, action }: GrantTelling): boolean {
  return WORDS[state] !== undefined && (state !== 'ambiguous' || action !== null);
}

function bannerOf(tellings: readonly GrantTelling[]): Banner {
  const [first] = tellings as readonly [GrantTelling];
  const { connection, state, action, client } = first;
  const { href, label } = action ?? { href: `/connections/${connection}/grant`, label: 'Look' };
  const text =
    client && tellings.length > 1 && isClientRefused(first)
      ? `The client “${client.clientId}” is not accepted by ${hostOf(client.tokenUrl)}: ${tellings.length} connections wait for it.`
      : `The connection “${connection}” ${WORDS[state]}`;
  return { text, href, label };
}

function restBanner(count: number): Banner {
  return { text: `${count} more connections need a person.`, href: '/connections', label: 'All connections' };
}

/** Nothing fails yet, so one banner does for all. */
function movedBanners(tellings: readonly GrantTelling[]): Banner[] {
  const [first, ...others] = tellings.filter(({ movedTokenUrl }) => movedTokenUrl !== null);
  if (!first) return [];
  const more = others.length > 0 ? `, and those of ${others.length} more,` : '';
  const names = others.length > 0 ? 'name other token endpoints' : 'names another token endpoint';
  const text = `The issuer of the connection “${first.connection}”${more} ${names} now. It is not used until an owner decides.`;
  return [{ text, href: `/connections/${first.connection}/grant#endpoint`, label: 'Look' }];
}

function hostOf(url: string): string {
  return URL.parse(url)?.host ?? url;
}
