import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { type AuthSecrets, type OAuth2Settings, showsCertificate, type SigningAlgorithm } from '../../kernel/auth.ts';
import { type FieldFault, Misconfigured } from '../../kernel/errors.ts';
import { signingKey } from '../../oauth/signing.ts';

const WANTED: Readonly<Record<SigningAlgorithm, string>> = {
  ES256: 'an EC key on the curve P-256',
  PS256: 'an RSA key of 2,048 bits or more',
  RS256: 'an RSA key of 2,048 bits or more',
  EdDSA: 'an Ed25519 key',
};

/** Keys and certificates that would be held, and which of them came just now. */
export interface WouldSign {
  readonly settings: OAuth2Settings;
  readonly secrets: AuthSecrets;
  readonly isNew: (name: keyof AuthSecrets) => boolean;
  /** The fault of a field that is empty. */
  readonly missing: (field: string, sentence: string) => FieldFault[];
}

/** Keys that do not fit their algorithm, and certificates that are missing or do not fit their key. */
export function keyFaults({ settings, secrets, isNew, missing }: WouldSign): FieldFault[] {
  return [...algorithmFaults(settings, secrets, isNew('privateKey')), ...certificateFaults(settings, secrets, missing)];
}

function algorithmFaults(
  { signingAlgorithm }: OAuth2Settings,
  { privateKey }: AuthSecrets,
  isPasted: boolean,
): FieldFault[] {
  if (privateKey === undefined) return [];
  try {
    signingKey(privateKey, signingAlgorithm);
    return [];
  } catch (error) {
    if (!(error instanceof Misconfigured)) throw error;
  }
  const kind = kindOf(createPrivateKey(privateKey));
  if (signingAlgorithm === null) {
    const detail = `Callbook cannot sign with ${kind}. Paste an EC key on P-256, an Ed25519 key, or RSA of 2,048 bits or more.`;
    return [{ pointer: '/auth/privateKey', detail }];
  }
  const wanted = `${signingAlgorithm} signs with ${WANTED[signingAlgorithm]}`;
  return isPasted
    ? [{ pointer: '/auth/privateKey', detail: `${wanted}; this is ${kind}.` }]
    : [
        {
          pointer: '/auth/signingAlgorithm',
          detail: `${wanted}; the key that is held is ${kind}. Choose what fits it, paste another key, or have one made.`,
        },
      ];
}

function kindOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string {
  const { modulusLength, namedCurve } = asymmetricKeyDetails ?? {};
  switch (asymmetricKeyType) {
    case 'rsa':
      return `an RSA key of ${(modulusLength ?? 0).toLocaleString('en')} bits`;
    case 'ec':
      return `an EC key on the curve ${namedCurve === 'prime256v1' ? 'P-256' : (namedCurve ?? 'of another kind')}`;
    case 'ed25519':
      return 'an Ed25519 key';
    default:
      return 'a key of another kind';
  }
}

function certificateFaults(
  settings: OAuth2Settings,
  { certificate, certificateKey }: AuthSecrets,
  missing: WouldSign['missing'],
): FieldFault[] {
  const faults: FieldFault[] = [];
  if (showsCertificate(settings) && certificate === undefined)
    faults.push(...missing('certificate', 'Paste the certificate that the client shows.'));
  if (showsCertificate(settings) && certificateKey === undefined)
    faults.push(...missing('certificateKey', 'Paste the private key of the certificate.'));
  if (certificate === undefined || certificateKey === undefined) return faults;
  const fits = new X509Certificate(certificate).checkPrivateKey(createPrivateKey(certificateKey));
  return fits ? [] : [{ pointer: '/auth/certificateKey', detail: 'This key does not belong to the certificate.' }];
}
