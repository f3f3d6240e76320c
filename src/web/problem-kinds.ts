import type { ErrorCode } from '../kernel/errors.ts';

/** What all problems of a code have in common. `meaning` says to a program's author what to make of it. */
export interface ProblemKind {
  readonly status: number;
  readonly title: string;
  readonly meaning: string;
}

/** Every problem there is, by its code. */
export const PROBLEM_KINDS: Readonly<Record<ErrorCode, ProblemKind>> = {
  malformed: {
    status: 400,
    title: 'The request cannot be read',
    meaning:
      'Something is broken before its content matters: JSON that is none, a body cut short, two keys at once. `offset` says where JSON stops being JSON.',
  },
  'not-signed-in': {
    status: 401,
    title: 'Not signed in',
    meaning: 'There is no API key, or it is wrong, revoked or expired. Send a key as `Authorization: Bearer cbk_…`.',
  },
  'not-allowed': {
    status: 403,
    title: 'Not allowed',
    meaning: 'The key or the person is known, and their role may not do this. `detail` says whose business it is.',
  },
  'not-found': {
    status: 404,
    title: 'Not found',
    meaning: 'There is nothing at this address, or it belongs to another workspace.',
  },
  'method-not-allowed': {
    status: 405,
    title: 'This method is not for this address',
    meaning: 'The address is right and the method is not. The `Allow` header lists those that are.',
  },
  conflict: {
    status: 409,
    title: 'It has changed, or exists already',
    meaning: 'Somebody else was faster, or what is asked for does not fit what is there. Read it again, then decide.',
  },
  'consent-needed': {
    status: 409,
    title: 'The connection needs consent',
    meaning:
      'There is no grant, or it ended: a person has to consent or give a new token in the browser. Trying again does not help.',
  },
  misconfigured: {
    status: 409,
    title: 'The provider does not accept the connection’s settings',
    meaning:
      'The provider refused the client or what it asked for. Edit the connection, or renew its grant once the provider is mended.',
  },
  revoked: {
    status: 409,
    title: 'The grant was revoked',
    meaning: 'The grant was given back on purpose. A person has to consent again in the browser.',
  },
  gone: {
    status: 410,
    title: 'It was deleted',
    meaning: 'It was here until an owner deleted it; `detail` says who and when. Nothing of it is left.',
  },
  'too-large': {
    status: 413,
    title: 'Too large',
    meaning: 'The body is over the limit of this address; `detail` names the limit.',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'This kind of body is not read here',
    meaning: 'The `Content-Type` is not one that is read here, or the body has a content coding.',
  },
  'invalid-input': {
    status: 422,
    title: 'Some fields need attention',
    meaning:
      'The request was read and cannot be taken. `errors` has a JSON Pointer and a sentence for each fault; nothing was saved or sent.',
  },
  'too-many': {
    status: 429,
    title: 'Too many tries or calls',
    meaning:
      'There were too many wrong tries from here lately, or too many of your calls are in flight; `detail` says which. Nothing was done. Try again after as many seconds as `Retry-After` says.',
  },
  unexpected: {
    status: 500,
    title: 'Something went wrong on our side',
    meaning: 'A fault that nobody foresaw. `id` is in the log of the instance, with the details.',
  },
  'no-answer': {
    status: 502,
    title: 'The API gave no answer',
    meaning: 'Of the relay: the call ended without an answer of the API; `reason` says how. It is on record.',
  },
  refreshing: {
    status: 503,
    title: 'The token is being renewed',
    meaning: 'Somebody else renews the grant and took longer than we wait. Try again after `Retry-After`.',
  },
  'provider-unavailable': {
    status: 503,
    title: 'No token can be had now',
    meaning:
      'The provider cannot be reached or gives no token, and the one held has ended. Try again after `Retry-After`.',
  },
  'queue-full': {
    status: 503,
    title: 'Too many calls are waiting',
    meaning: 'Every place and the line for them are taken. Nothing was sent; try again after `Retry-After`.',
  },
  'database-busy': {
    status: 503,
    title: 'The database is busy',
    meaning: 'The database could not be had in time. Nothing was written; try again after `Retry-After`.',
  },
  'timed-out': {
    status: 504,
    title: 'The API took too long',
    meaning: 'Of the relay: the deadline of the call passed. It is on record.',
  },
};
