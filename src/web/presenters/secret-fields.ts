import type { SecretField } from './connection-values.ts';

/** Fields of the connection form by the secret they set. */
const FIELDS: Readonly<Record<string, SecretField>> = {
  password: 'basicPassword',
  token: 'bearerToken',
  value: 'apiKeyValue',
  clientSecret: 'clientSecret',
  refreshToken: 'refreshToken',
  accessToken: 'accessToken',
};

/** The form's fields for secrets that are held, by the secrets' own names. */
export function secretFields(held: readonly string[]): SecretField[] {
  return held.flatMap((name) => FIELDS[name] ?? []);
}
