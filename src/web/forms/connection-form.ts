import { InvalidInput } from '../../kernel/errors.ts';
import type { HeaderPairs } from '../../kernel/headers.ts';
import { readConnectionInput, type ConnectionInput } from '../../services/connections/connection-input.ts';
import type { Form } from '../context.ts';
import { lines, readHeaderLines } from './lines.ts';

/** Reads the flat fields of the connection form. Throws `InvalidInput` with every fault; an empty secret is "as it is". */
export function readConnectionForm(form: Form): ConnectionInput {
  const { pairs, faults } = readHeaderLines(form.headers, '/headers');
  try {
    const input = readConnectionInput(described(form, pairs));
    if (faults.length === 0) return input;
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    throw new InvalidInput([...error.errors, ...faults]);
  }
  throw new InvalidInput(faults);
}

function described(form: Form, headers: HeaderPairs): object {
  return {
    name: form.name ?? '',
    ...(filled(form.slug) && { slug: form.slug }),
    baseUrl: form.baseUrl ?? '',
    origins: lines(form.origins),
    headers,
    ...(filled(form.timeoutMs) && { timeoutMs: wholeNumber(form.timeoutMs) }),
    ...(filled(form.width) && { width: wholeNumber(form.width) }),
    resendUnsafeOn401: form.resendUnsafeOn401 === 'on',
    keepAlive: form.keepAlive === 'on',
    maskNames: lines(form.maskNames),
    auth: authOf(form),
  };
}

function authOf(form: Form): object {
  switch (form.authType) {
    case 'basic':
      return { type: 'basic', username: form.basicUsername ?? '', password: secret(form.basicPassword) };
    case 'bearer':
      return { type: 'bearer', token: secret(form.bearerToken) };
    case 'apiKey':
      return { type: 'apiKey', in: form.apiKeyIn, name: form.apiKeyName ?? '', value: secret(form.apiKeyValue) };
    case 'oauth2':
      return oauth2Of(form);
    default:
      return { type: form.authType ?? 'none' };
  }
}

function oauth2Of(form: Form): object {
  return {
    type: 'oauth2',
    grantType: form.grantType,
    tokenUrl: form.tokenUrl ?? '',
    authorizationUrl: orNull(form.authorizationUrl),
    revocationUrl: orNull(form.revocationUrl),
    issuer: orNull(form.issuer),
    clientId: form.clientId ?? '',
    clientSecret: secret(form.clientSecret),
    clientAuthentication: form.clientAuthentication,
    scope: orNull(form.scope),
    refreshToken: secret(form.refreshToken),
    accessToken: secret(form.accessToken),
    expiresIn: filled(form.expiresIn) ? wholeNumber(form.expiresIn) : null,
    marginSeconds: filled(form.marginSeconds) ? wholeNumber(form.marginSeconds) : null,
    replaySeconds: filled(form.replaySeconds) ? wholeNumber(form.replaySeconds) : null,
  };
}

function filled(text: string | undefined): text is string {
  return text !== undefined && text.trim() !== '';
}

function orNull(text: string | undefined): string | null {
  return filled(text) ? text : null;
}

/** A secret is taken as it was typed, without the spaces that come with copying. */
function secret(text: string | undefined): string | undefined {
  return filled(text) ? text.trim() : undefined;
}

/** The number that was typed, or the text itself, so that the schema can say what is wrong with it. */
function wholeNumber(text: string): number | string {
  return /^\d{1,12}$/.test(text.trim()) ? Number(text) : text;
}
