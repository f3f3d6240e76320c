import type { ToldGrantState } from '../../kernel/grant-telling.ts';

/** How a state is told: a word, a sentence and what stands in the ring where no time runs. `{left}` is the time left. */
export interface GrantWords {
  readonly word: string;
  readonly sentence: string;
  readonly mark: string;
}

/** One table for the server's pages and the page's own script, so that the two never disagree. */
export const GRANT_WORDS: Record<ToldGrantState, GrantWords> = {
  static: {
    word: 'Static',
    sentence: 'Calls carry what the connection holds. Nothing here expires.',
    mark: '∞',
  },
  missing: {
    word: 'No grant yet',
    sentence: 'No token has been asked for so far.',
    mark: '–',
  },
  fresh: { word: 'Fresh', sentence: 'Good for {left} more.', mark: '' },
  due: {
    word: 'Due',
    sentence: 'A new token is asked for before the next call; this one serves for {left} more.',
    mark: '',
  },
  expired: { word: 'Expired', sentence: 'No call leaves until a new token is here.', mark: '0' },
  refreshing: { word: 'Refreshing', sentence: 'A new token has been asked for.', mark: '↻' },
  ambiguous: {
    word: 'Ambiguous',
    sentence: 'A new token was asked for and the answer never came. The old one serves until it expires.',
    mark: '?',
  },
  'consent-needed': {
    word: 'Consent needed',
    sentence: 'The provider wants a person to consent again. No call leaves until then.',
    mark: '!',
  },
  misconfigured: {
    word: 'Misconfigured',
    sentence: 'The provider does not accept how this connection is set up. Edit it, then renew.',
    mark: '×',
  },
  revoked: {
    word: 'Revoked',
    sentence: 'The grant was given back. A person has to consent again.',
    mark: '×',
  },
};
