import type { ConnectionDocument } from '../../services/connections/connection-document.ts';
import type { Form } from '../context.ts';
import { filled, lines, numberAsTyped, orNull, secretAsTyped } from './lines.ts';
import { readParameterLines } from './parameter-lines.ts';

type KeptOAuth2 = Extract<ConnectionDocument['auth'], { type: 'oauth2' }>;

const TEXTS = [
  'authorizationUrl',
  'revocationUrl',
  'introspectionUrl',
  'deviceAuthorizationUrl',
  'pushedAuthorizationUrl',
  'issuer',
  'scope',
  'audience',
  'keyId',
  'signingAlgorithm',
  'subjectTokenType',
  'actorTokenType',
  'requestedTokenType',
] as const;
const CHOICES = ['grantType', 'clientAuthentication', 'assertionAudience'] as const;
const NUMBERS = ['expiresIn', 'marginSeconds', 'replaySeconds'] as const;
const SECRETS = [
  'clientSecret',
  'refreshToken',
  'accessToken',
  'subjectToken',
  'actorToken',
  'certificate',
  'certificateKey',
] as const;

/**
 * The OAuth 2 part of the connection form. What a form does not have stays as it `is`; an empty field is taken away, an
 * empty secret is "as it is".
 */
export function oauth2Of(form: Form, is: ConnectionDocument['auth'] | null): object {
  const was = is?.type === 'oauth2' ? is : null;
  return {
    ...kept(was),
    type: 'oauth2',
    tokenUrl: form.tokenUrl ?? was?.tokenUrl ?? '',
    clientId: form.clientId ?? was?.clientId ?? '',
    ...present(form, CHOICES, (text) => text),
    ...present(form, TEXTS, orNull),
    ...present(form, NUMBERS, (text) => (filled(text) ? numberAsTyped(text) : null)),
    ...present(form, SECRETS, secretAsTyped),
    ...(form.grantUsername !== undefined && { username: orNull(form.grantUsername) }),
    password: secretAsTyped(form.grantPassword),
    privateKey: form.newPrivateKey === 'on' ? null : secretAsTyped(form.privateKey),
    ...(form.resource !== undefined && { resource: lines(form.resource) }),
    ...(form.parameters !== undefined && { parameters: readParameterLines(form.parameters).parameters }),
    ...(form.assertionClaims !== undefined && { assertionClaims: claimsOf(form.assertionClaims) }),
    requiresIss: ticked(form, 'requiresIss', was?.requiresIss),
    dpop: ticked(form, 'dpop', was?.dpop),
    quirks: quirksOf(form, was),
  };
}

/** What stays where the form says nothing: not the nulls, for null takes a secret away. */
function kept(was: KeptOAuth2 | null): object {
  return Object.fromEntries(Object.entries(was ?? {}).filter(([, value]) => value !== null));
}

function present<Name extends string>(form: Form, names: readonly Name[], read: (text: string) => unknown): object {
  return Object.fromEntries(
    names.flatMap((name) => {
      const text = form[name];
      return text === undefined ? [] : [[name, read(text)] as const];
    }),
  );
}

/** A browser says nothing of a box that is not ticked: `ticks` names the boxes that the form had. */
function ticked(form: Form, name: string, was = false): boolean {
  return form[name] === 'on' || (was && !(form.ticks ?? '').split(' ').includes(name));
}

function quirksOf(form: Form, was: KeptOAuth2 | null): object {
  const tokenPath = form.tokenPath === undefined ? (was?.quirks.tokenPath ?? null) : orNull(form.tokenPath);
  return {
    jsonBody: ticked(form, 'jsonBody', was?.quirks.jsonBody),
    secretInQuery: ticked(form, 'secretInQuery', was?.quirks.secretInQuery),
    tokenPath,
    expiresInMs: ticked(form, 'expiresInMs', was?.quirks.expiresInMs),
  };
}

/** What the JSON says, or the text itself, so that the schema can say what is wrong with it. */
function claimsOf(text: string): unknown {
  if (!filled(text)) return {};
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
