import { InvalidInput } from '../../kernel/errors.ts';
import type { HeaderPairs } from '../../kernel/headers.ts';
import type { ConnectionDocument } from '../../services/connections/connection-document.ts';
import { readConnectionInput, type ConnectionInput } from '../../services/connections/connection-input.ts';
import type { Form } from '../context.ts';
import { filled, lines, numberAsTyped, orNull, readHeaderLines, secretAsTyped } from './lines.ts';
import { oauth2Of } from './oauth2-form.ts';
import { readParameterLines } from './parameter-lines.ts';

/**
 * Reads the flat fields of the connection form. Throws `InvalidInput` with every fault; an empty secret is "as it is", and
 * so is a setting that the form does not have where the connection `is` there already.
 */
export function readConnectionForm(form: Form, is: ConnectionDocument | null = null): ConnectionInput {
  const headers = readHeaderLines(form.headers, '/headers');
  const faults = [...headers.faults, ...(form.authType === 'oauth2' ? readParameterLines(form.parameters).faults : [])];
  try {
    const input = readConnectionInput(described(form, headers.pairs, is));
    if (faults.length === 0) return input;
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    throw new InvalidInput([...error.errors, ...faults]);
  }
  throw new InvalidInput(faults);
}

function described(form: Form, headers: HeaderPairs, is: ConnectionDocument | null): object {
  return {
    name: form.name ?? '',
    ...(filled(form.slug) && { slug: form.slug }),
    baseUrl: form.baseUrl ?? '',
    origins: lines(form.origins),
    headers,
    ...(filled(form.timeoutMs) && { timeoutMs: numberAsTyped(form.timeoutMs) }),
    ...(filled(form.width) && { width: numberAsTyped(form.width) }),
    resendUnsafeOn401: form.resendUnsafeOn401 === 'on',
    keepAlive: form.keepAlive === 'on',
    maskNames: lines(form.maskNames),
    certificateAuthorities:
      form.certificateAuthorities === undefined
        ? (is?.certificateAuthorities ?? null)
        : orNull(form.certificateAuthorities),
    auth: authOf(form, is),
  };
}

function authOf(form: Form, is: ConnectionDocument | null): object {
  switch (form.authType) {
    case 'basic':
      return { type: 'basic', username: form.basicUsername ?? '', password: secretAsTyped(form.basicPassword) };
    case 'bearer':
      return { type: 'bearer', token: secretAsTyped(form.bearerToken) };
    case 'apiKey':
      return {
        type: 'apiKey',
        in: form.apiKeyIn,
        name: form.apiKeyName ?? '',
        value: secretAsTyped(form.apiKeyValue),
      };
    case 'oauth2':
      return oauth2Of(form, is?.auth ?? null);
    default:
      return { type: form.authType ?? 'none' };
  }
}
