import type { AuthSettings } from '../../kernel/auth.ts';
import type { FieldFault } from '../../kernel/errors.ts';
import { authParts, type AuthParts, type ConnectionInput } from './connection-input.ts';
import { readPastedCertificates } from './pasted-certificates.ts';
import { readPastedKey } from './pasted-key.ts';

/** A description with its keys and certificates read: each in the form it is kept in. */
export interface ReadDescription {
  readonly parts: AuthParts;
  readonly certificateAuthorities: string | null;
  /** What cannot be read among them; it is left out of `parts`. */
  readonly faults: readonly FieldFault[];
}

type Given = AuthParts['secrets'];

/** Takes a description apart and reads the keys and certificates in it. `now` says which certificates have ended. */
export function readDescription({ auth, certificateAuthorities }: ConnectionInput, now: Date): ReadDescription {
  const parts = authParts(auth);
  const { settings, secrets } = parts;
  const faults: FieldFault[] = [];
  const key = ownKey(settings, secrets.privateKey, faults);
  const read = {
    privateKey: key.pem,
    certificate: ownCertificate(secrets.certificate, now, faults),
    certificateKey: certificateKey(secrets.certificateKey, faults),
  };
  const authorities = readAuthorities(certificateAuthorities, faults);
  const isOAuth = settings.type === 'oauth2';
  return {
    parts: isOAuth ? { ...parts, settings: key.settings, secrets: { ...secrets, ...read } } : parts,
    certificateAuthorities: authorities,
    faults,
  };
}

/** A JWK says under which id and for which algorithm the provider knows it; what was written besides goes first. */
function ownKey(settings: AuthSettings, text: Given['privateKey'], faults: FieldFault[]) {
  if (typeof text !== 'string') return { settings, pem: text };
  const key = readPastedKey(text);
  if ('fault' in key) {
    faults.push({ pointer: '/auth/privateKey', detail: key.fault });
    return { settings, pem: undefined };
  }
  if (settings.type !== 'oauth2') return { settings, pem: key.pem };
  const keyId = settings.keyId ?? key.keyId;
  const signingAlgorithm = settings.signingAlgorithm ?? key.algorithm;
  return { settings: { ...settings, keyId, signingAlgorithm }, pem: key.pem };
}

function certificateKey(text: Given['certificateKey'], faults: FieldFault[]): Given['certificateKey'] {
  if (typeof text !== 'string') return text;
  const key = readPastedKey(text);
  if ('pem' in key) return key.pem;
  faults.push({ pointer: '/auth/certificateKey', detail: key.fault });
  return undefined;
}

function ownCertificate(text: Given['certificate'], now: Date, faults: FieldFault[]): Given['certificate'] {
  if (typeof text !== 'string') return text;
  const fault = (detail: string) => void faults.push({ pointer: '/auth/certificate', detail });
  const read = readPastedCertificates(text);
  if ('fault' in read) {
    fault(
      read.fault === 'holds-key'
        ? 'A private key stands among the certificates. It has a field of its own.'
        : 'This is no certificate that can be read. Paste it in PEM, the client’s own first.',
    );
    return undefined;
  }
  const until = read.certificates[0]?.validToDate;
  if (until && until <= now)
    fault(`This certificate ended on ${until.toISOString().slice(0, 10)}. Paste one that is valid.`);
  return read.pem;
}

/** They are shown to everybody who may look, so they are kept as certificates and nothing besides. */
function readAuthorities(text: string | null, faults: FieldFault[]): string | null {
  if (text === null || text === '') return null;
  const read = readPastedCertificates(text);
  if ('pem' in read) return read.pem.trim();
  const detail =
    read.fault === 'holds-key'
      ? 'A private key stands among the certificates, where everybody who may look would see it. Take it out.'
      : 'These are no certificates that can be read. Paste them in PEM, one after the other.';
  faults.push({ pointer: '/certificateAuthorities', detail });
  return null;
}
