import { type AuthSecrets, type AuthSettings, showsCertificate } from '../../kernel/auth.ts';
import type { TlsIdentity } from '../../kernel/outbound.ts';

/**
 * How a connection's servers are known and how it is known to them: its own authorities always; its client certificate
 * to `clientOrigins`, where its provider knows it by one (RFC 8705, sections 2 and 3). Undefined where it has neither.
 */
export function tlsIdentityOf(
  auth: AuthSettings,
  { certificate, certificateKey }: AuthSecrets,
  certificateAuthorities: string | null,
  clientOrigins: readonly string[],
): TlsIdentity | undefined {
  const isShown = auth.type === 'oauth2' && showsCertificate(auth);
  const client = isShown && certificate && certificateKey ? { certificate, key: certificateKey } : null;
  if (client === null && certificateAuthorities === null) return undefined;
  return { authorities: certificateAuthorities, client, clientOrigins: client ? clientOrigins : [] };
}
