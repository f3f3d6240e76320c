import type { AuthSettings } from '../../kernel/auth.ts';
import type { SecretField } from './connection-values.ts';

/** Fields of the connection form by the secret they set, where the two names differ. */
const FIELDS: Readonly<Record<string, SecretField>> = {
  password: 'basicPassword',
  token: 'bearerToken',
  value: 'apiKeyValue',
};
const OF_OAUTH2 = {
  clientSecret: 'clientSecret',
  privateKey: 'privateKey',
  certificate: 'certificate',
  certificateKey: 'certificateKey',
  password: 'grantPassword',
  subjectToken: 'subjectToken',
  actorToken: 'actorToken',
  refreshToken: 'refreshToken',
  accessToken: 'accessToken',
} as const satisfies Readonly<Record<string, SecretField>>;

/** The form's fields for secrets that are held, by the secrets' own names. */
export function secretFields(held: readonly string[], type: AuthSettings['type']): SecretField[] {
  const fields: Readonly<Record<string, SecretField>> = type === 'oauth2' ? OF_OAUTH2 : FIELDS;
  return held.flatMap((name) => fields[name] ?? []);
}
