import { X509Certificate } from 'node:crypto';
import { type PemBlock, pemBlocks, pemOf } from './pem.ts';

/** Certificates that were pasted, one after the other, as PEM and nothing besides; or why they cannot be taken. */
export type PastedCertificates =
  | { readonly pem: string; readonly certificates: readonly X509Certificate[] }
  | { readonly fault: 'unreadable' | 'holds-key' };

/** Reads certificates in PEM (RFC 7468, section 5); words between them are left out. */
export function readPastedCertificates(text: string): PastedCertificates {
  const blocks = pemBlocks(text);
  if (/PRIVATE KEY-----/.test(text)) return { fault: 'holds-key' };
  const found = blocks.filter(({ label }) => label === 'CERTIFICATE');
  const isComplete = found.length > 0 && found.length === (text.match(/-----BEGIN /g) ?? []).length;
  const certificates = isComplete ? certificatesOf(found) : null;
  return certificates ? { pem: found.map(pemOf).join(''), certificates } : { fault: 'unreadable' };
}

function certificatesOf(blocks: readonly PemBlock[]): readonly X509Certificate[] | null {
  try {
    return blocks.map((block) => new X509Certificate(pemOf(block)));
  } catch {
    return null;
  }
}
