import type { ToldGrantState } from '../../kernel/grant-telling.ts';

/**
 * How a state is told: a word, a sentence and what stands in the ring where no time runs. `{left}` is the time left.
 * `forPerson` stands in place of the sentence where a person has to act first; `renew` is what the button for renewing
 * says, or null where renewing cannot help.
 */
export interface GrantWords {
  readonly word: string;
  readonly sentence: string;
  readonly mark: string;
  readonly renew: string | null;
  readonly forPerson?: string;
}

const RENEW = 'Renew now';

/** One table for the server's pages and the page's own script, so that the two never disagree. */
export const GRANT_WORDS: Record<ToldGrantState, GrantWords> = {
  static: {
    word: 'Static',
    sentence: 'Calls carry what the connection holds. Nothing here expires.',
    mark: '∞',
    renew: null,
  },
  missing: {
    word: 'No grant yet',
    sentence: 'There is no token so far. The first call asks for one.',
    forPerson: 'Calls can go out once a person has given the grant. From then on it is kept fresh.',
    mark: '–',
    renew: 'Get a token',
  },
  fresh: { word: 'Fresh', sentence: 'Good for {left} more.', mark: '', renew: RENEW },
  due: {
    word: 'Due',
    sentence: 'A new token is asked for before the next call; this one serves for {left} more.',
    mark: '',
    renew: RENEW,
  },
  expired: { word: 'Expired', sentence: 'No call leaves until a new token is here.', mark: '0', renew: RENEW },
  refreshing: { word: 'Refreshing', sentence: 'A new token has been asked for.', mark: '↻', renew: RENEW },
  ambiguous: {
    word: 'Ambiguous',
    sentence: 'A new token was asked for and the answer never came. The old one serves until it expires.',
    mark: '?',
    renew: RENEW,
  },
  'consent-needed': {
    word: 'Consent needed',
    sentence: 'The provider wants a person to consent again. No call leaves until then.',
    mark: '!',
    renew: null,
  },
  misconfigured: {
    word: 'Misconfigured',
    sentence: 'The provider does not accept how this connection is set up. Edit it, then renew.',
    mark: '×',
    renew: RENEW,
  },
  revoked: {
    word: 'Revoked',
    sentence: 'The grant was given back. No call leaves until a person asks for a new token.',
    forPerson: 'The grant was given back. A person has to consent again.',
    mark: '×',
    renew: 'Get a token',
  },
};
