import type { AuthSecrets, AuthSettings, OAuth2Settings } from '../../kernel/auth.ts';
import type { FieldFault } from '../../kernel/errors.ts';
import { oauthFaults } from '../../oauth/settings-faults.ts';
import { headerFaults } from '../../outbound/request-target.ts';
import { keyFaults } from './key-faults.ts';

type ApiKeySettings = Extract<AuthSettings, { type: 'apiKey' }>;

/** What an authorisation would hold once an edit is saved. */
export interface WouldHold {
  readonly secrets: AuthSecrets;
  readonly refreshToken: boolean;
  /** What was held goes to nobody else than the address it was given for, so it has to be written once more. */
  readonly wipes: boolean;
  /** A private key was held and is not any more, and nobody said that another is to be made. */
  readonly lostKey: boolean;
  /** Secrets that came with this edit. */
  readonly isNew: (name: keyof AuthSecrets) => boolean;
}

type Missing = (field: string, sentence: string) => FieldFault[];

/** RFC 6750, section 2.1, and RFC 9110, section 5.5, without the bytes beyond ASCII that nobody agrees on. */
const HEADER_TEXT = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;
/** RFC 6265, section 4.1.1; servers take quotes and commas, but nothing that ends the cookie. */
const COOKIE_TEXT = /^[\x21-\x3a\x3c-\x7e]+$/;

/** What is missing or cannot be among an authorisation's fields, once secrets held are counted in. */
export function authFaults(settings: AuthSettings, would: WouldHold): FieldFault[] {
  const { secrets, wipes } = would;
  const missing: Missing = (field, sentence) => [
    { pointer: `/auth/${field}`, detail: wipes ? `${sentence} ${GIVEN_FOR_ANOTHER}` : sentence },
  ];
  switch (settings.type) {
    case 'none':
      return [];
    case 'basic':
      return secrets.password ? [] : missing('password', 'Write the password.');
    case 'bearer':
      return secrets.token ? tokenFaults(secrets.token) : missing('token', 'Write the token.');
    case 'apiKey':
      return [
        ...nameFaults(settings),
        ...(secrets.value ? valueFaults(settings, secrets.value) : missing('value', 'Write the key.')),
      ];
    case 'oauth2':
      return [
        ...oauthFaults(settings),
        ...missingSecrets(settings, would, missing),
        ...keyFaults({ settings, ...would, missing }),
      ];
  }
}

/** What a grant type or a client authentication cannot do without. */
function missingSecrets(
  { clientAuthentication, grantType }: OAuth2Settings,
  { secrets, refreshToken, lostKey }: WouldHold,
  missing: Missing,
): FieldFault[] {
  const faults: FieldFault[] = [];
  if (clientAuthentication.startsWith('client_secret_') && !secrets.clientSecret)
    faults.push(...missing('clientSecret', 'Write the client secret, or choose "none" where the client has none.'));
  if (grantType === 'refresh_token' && !refreshToken)
    faults.push(...missing('refreshToken', 'Paste a refresh token to start with.'));
  if (grantType === 'password' && !secrets.password)
    faults.push(...missing('password', 'Write the password of the user name.'));
  if (grantType === 'urn:ietf:params:oauth:grant-type:token-exchange' && !secrets.subjectToken)
    faults.push(...missing('subjectToken', 'Paste the token that is exchanged.'));
  if (lostKey) faults.push(...missing('privateKey', 'Paste the private key, or have a new one made.'));
  return faults;
}

const GIVEN_FOR_ANOTHER = 'What was held is not taken along to another address.';

function tokenFaults(token: string): FieldFault[] {
  return HEADER_TEXT.test(token) ? [] : [{ pointer: '/auth/token', detail: 'A token holds ASCII characters only.' }];
}

/** A key may stand in `Authorization`, as `Token …` does; in no other header that Callbook keeps to itself. */
function nameFaults({ in: place, name }: ApiKeySettings): FieldFault[] {
  if (place !== 'header' || name.toLowerCase() === 'authorization') return [];
  return headerFaults([[name, '']]).map(({ detail }) => ({ pointer: '/auth/name', detail }));
}

function valueFaults({ in: place }: ApiKeySettings, value: string): FieldFault[] {
  const pointer = '/auth/value';
  if (place === 'header' && !HEADER_TEXT.test(value))
    return [{ pointer, detail: 'A key in a header holds ASCII characters only.' }];
  if (place === 'cookie' && !COOKIE_TEXT.test(value))
    return [{ pointer, detail: 'A key in a cookie holds ASCII characters only, and no space or semicolon.' }];
  return [];
}
