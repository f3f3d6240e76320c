import type { OAuth2Settings } from '../kernel/auth.ts';
import type { FieldFault } from '../kernel/errors.ts';
import { endpointFault } from './endpoint-url.ts';

/** RFC 6749, section 3.3: tokens of printable characters without quote and backslash, one space between. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/;
/** RFC 6749, appendix A.1. */
const CLIENT_ID = /^[\x20-\x7e]+$/;
const TOKEN_PATH = /^[^.\s]+(?:\.[^.\s]+)*$/;
const MAX_SECONDS = 90 * 24 * 60 * 60;
const ADDRESSES = [
  'tokenUrl',
  'authorizationUrl',
  'revocationUrl',
  'introspectionUrl',
  'deviceAuthorizationUrl',
  'pushedAuthorizationUrl',
  'issuer',
] as const;

/** Everything that is wrong with an OAuth 2 set-up, each with a JSON Pointer from the connection (`/auth/…`). */
export function oauthFaults(settings: OAuth2Settings): FieldFault[] {
  return [
    ...addressFaults(settings),
    ...missingAddresses(settings),
    ...clientFaults(settings),
    ...grantFaults(settings),
    ...quirkFaults(settings),
    ...secondsFaults('marginSeconds', settings.marginSeconds),
    ...secondsFaults('replaySeconds', settings.replaySeconds),
  ];
}

function addressFaults(settings: OAuth2Settings): FieldFault[] {
  const faults = ADDRESSES.flatMap((name) => {
    const detail = settings[name] === null ? null : endpointFault(settings[name]);
    return detail ? [fault(name, detail)] : [];
  });
  if (settings.issuer !== null && URL.parse(settings.issuer)?.search) {
    faults.push(fault('issuer', 'An issuer has no query (RFC 8414, section 2).'));
  }
  return faults;
}

function missingAddresses(settings: OAuth2Settings): FieldFault[] {
  const { grantType, authorizationUrl, deviceAuthorizationUrl, pushedAuthorizationUrl, requiresIss, issuer } = settings;
  const faults: FieldFault[] = [];
  if (grantType === 'authorization_code' && authorizationUrl === null) {
    faults.push(fault('authorizationUrl', 'Consent needs an authorisation URL.'));
  } else if (pushedAuthorizationUrl !== null && authorizationUrl === null) {
    faults.push(fault('authorizationUrl', 'What is pushed is consented to at an authorisation URL (RFC 9126).'));
  }
  if (grantType === 'urn:ietf:params:oauth:grant-type:device_code' && deviceAuthorizationUrl === null) {
    faults.push(fault('deviceAuthorizationUrl', 'Consent on another device begins at a device authorisation URL.'));
  }
  if (requiresIss && issuer === null) {
    faults.push(fault('issuer', 'A callback can be held against an issuer only where one is written here.'));
  }
  return faults;
}

function clientFaults({ clientId, clientAuthentication, grantType, scope }: OAuth2Settings): FieldFault[] {
  const faults: FieldFault[] = [];
  if (!CLIENT_ID.test(clientId)) {
    faults.push(fault('clientId', 'A client id is needed, of plain printable characters.'));
  }
  if (scope !== null && !SCOPE.test(scope)) {
    faults.push(fault('scope', 'A scope is words with one space between, without quotes and backslashes.'));
  }
  if (grantType === 'client_credentials' && clientAuthentication === 'none') {
    faults.push(fault('clientAuthentication', 'Client credentials need a client that proves itself.'));
  }
  return faults;
}

function grantFaults({ grantType, username }: OAuth2Settings): FieldFault[] {
  if (grantType === 'password' && username === null) return [fault('username', 'Write whose password it is.')];
  return [];
}

function quirkFaults({ clientAuthentication, quirks }: OAuth2Settings): FieldFault[] {
  const faults: FieldFault[] = [];
  if (quirks.secretInQuery && !['client_secret_basic', 'client_secret_post'].includes(clientAuthentication)) {
    faults.push(
      fault('quirks/secretInQuery', 'There is a secret for the query only where a secret proves the client.'),
    );
  }
  if (quirks.tokenPath !== null && !TOKEN_PATH.test(quirks.tokenPath)) {
    faults.push(fault('quirks/tokenPath', 'Write names of members with a dot between, such as data.token.'));
  }
  return faults;
}

function secondsFaults(name: 'marginSeconds' | 'replaySeconds', seconds: number | null): FieldFault[] {
  const isFine = seconds === null || (Number.isInteger(seconds) && seconds >= 0 && seconds <= MAX_SECONDS);
  return isFine ? [] : [fault(name, `Whole seconds between 0 and ${MAX_SECONDS}.`)];
}

function fault(name: string, detail: string): FieldFault {
  return { pointer: `/auth/${name}`, detail };
}
