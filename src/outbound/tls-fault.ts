import { codeOf, Fault } from './fault.ts';

/** What is wrong with a server's certificate, by Node's codes for it. */
const CERTIFICATE_FAULTS: readonly (readonly [code: RegExp, sentence: string])[] = [
  [/^CERT_HAS_EXPIRED$/, "The server's certificate has expired."],
  [/^CERT_NOT_YET_VALID$/, "The server's certificate is not valid yet."],
  [/^CERT_REVOKED$/, "The server's certificate was revoked."],
  [/^(ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH)$/, "The server's certificate is for another name."],
  [
    /^(UNABLE_TO_(GET|VERIFY|DECRYPT)|SELF_SIGNED|DEPTH_ZERO|CERT_|INVALID_CA|PATH_LENGTH)/,
    "The server's certificate is not trusted: no authority known here vouches for it.",
  ],
];

/** Alerts about a client's certificate (RFC 8446, section 6.2) as OpenSSL names them. */
const CERTIFICATE_REFUSED = /ALERT_((BAD|UNSUPPORTED)_CERTIFICATE|CERTIFICATE_\w+|UNKNOWN_CA|ACCESS_DENIED)$/;

const TLS_CODE = /^(ERR_TLS|ERR_SSL|EPROTO)/;

/** Why no TLS connection came about. */
export function handshakeFault(error: unknown, showsCertificate: boolean): Fault {
  const code = codeOf(error);
  const known = CERTIFICATE_FAULTS.find(([pattern]) => pattern.test(code));
  if (known) return new Fault('tls', known[1]);
  return refusalFault(code, showsCertificate) ?? new Fault('tls', unfinished(showsCertificate));
}

/**
 * What a fault of TLS means once a connection stands, or null for a fault of another kind. Under TLS 1.3 a server looks
 * at a client's certificate when the client may have sent its request already (RFC 8446, section 4.4.2.4).
 */
export function brokenTlsFault(error: unknown, showsCertificate: boolean): Fault | null {
  const code = codeOf(error);
  const isTls = TLS_CODE.test(code);
  return isTls
    ? (refusalFault(code, showsCertificate) ?? new Fault('tls', 'The other side broke the TLS connection off.'))
    : null;
}

function refusalFault(code: string, showsCertificate: boolean): Fault | null {
  if (!CERTIFICATE_REFUSED.test(code)) return null;
  if (!showsCertificate) return new Fault('tls', 'The server asks for a client certificate, and it was shown none.');
  const why = code.endsWith('EXPIRED') ? ': it has expired' : code.endsWith('REVOKED') ? ': it was revoked' : '';
  return new Fault('tls', `The server refused our client certificate${why}.`);
}

function unfinished(showsCertificate: boolean): string {
  return showsCertificate
    ? 'No TLS connection came about; the server may have refused our client certificate.'
    : 'No TLS connection came about.';
}
