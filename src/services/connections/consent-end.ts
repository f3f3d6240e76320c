/** How a consent began; where it did not, nothing was kept. */
export type ConsentBeginning =
  | { readonly kind: 'begun'; readonly state: string; readonly expiresAt: Date }
  | Extract<ConsentEnd, { kind: 'failed' }>;

/** How a consent ended; `slug` is null where nobody can tell which connection it was for. */
export type ConsentEnd =
  | { readonly kind: 'granted'; readonly slug: string; readonly generation: number }
  | ({ readonly kind: 'failed'; readonly slug: string | null } & ConsentFault);

/** Why no grant came of a consent: a word for programs and a sentence for people. */
export interface ConsentFault {
  readonly code: string;
  readonly detail: string;
}

export const UNKNOWN_STATE: ConsentFault = {
  code: 'unknown-state',
  detail:
    'This answer belongs to no consent that was started here. Nothing was kept; start the consent from the connection.',
};

export const USED: ConsentFault = {
  code: 'used-state',
  detail: 'This consent was answered before, and an answer counts once. Start the consent again.',
};

export const EXPIRED: ConsentFault = {
  code: 'expired-state',
  detail: 'This consent was started more than ten minutes ago. Start it again.',
};

export const OTHER_BROWSER: ConsentFault = {
  code: 'other-browser',
  detail: 'This consent was started by another sign-in. Finish it in the browser that started it, or start again here.',
};

export const MOVING: ConsentFault = {
  code: 'grant-moved',
  detail: 'The grant changed again and again while the new one was to be stored. Start the consent again.',
};

export const PUSHED_TOO_LONG_AGO =
  'The provider keeps our request for a moment only, and has let it go. Start the consent again.';
