import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { isIPv4 } from 'node:net';

/** A certificate with its key, both as PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** Somebody who vouches for others: `issue` makes a certificate for a DNS name or an IPv4 address. */
export interface Authority extends Certificate {
  issue(name: string, validity?: Validity): Certificate;
}

interface Validity {
  readonly from: string;
  readonly to: string;
}

const USUAL: Validity = { from: '200101000000Z', to: '491231235959Z' };
/** It has ended, long ago. */
export const EXPIRED: Validity = { from: '200101000000Z', to: '210101000000Z' };

interface Subject {
  readonly name: string;
  readonly key: KeyObject;
}

/** DER (X.690): a tag, a length, the content. */
function der(tag: number, ...parts: (Buffer | number[])[]): Buffer {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const SEQUENCE = 0x30;
const OIDS = {
  ecdsaWithSha256: [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02],
  commonName: [0x55, 0x04, 0x03],
  subjectAltName: [0x55, 0x1d, 0x11],
  basicConstraints: [0x55, 0x1d, 0x13],
} as const;

const oid = (name: keyof typeof OIDS): Buffer => der(0x06, [...OIDS[name]]);

/** A certificate that signs itself and may sign others, valid for one name and until 2049. */
export function selfSigned(name: string, validity = USUAL): Certificate {
  const { privateKey, publicKey } = newKeys();
  return { cert: certificate({ name, key: publicKey }, { name, key: privateKey }, validity), key: pemOf(privateKey) };
}

/** An authority of that name. */
export function authority(name: string): Authority {
  const { privateKey, publicKey } = newKeys();
  const issuer = { name, key: privateKey };
  return {
    cert: certificate({ name, key: publicKey }, issuer, USUAL),
    key: pemOf(privateKey),
    issue(subject, validity = USUAL) {
      const keys = newKeys();
      return {
        cert: certificate({ name: subject, key: keys.publicKey }, issuer, validity),
        key: pemOf(keys.privateKey),
      };
    },
  };
}

function newKeys() {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

let serial = 0;

/** RFC 5280, section 4.1; whoever signs himself is an authority. */
function certificate(subject: Subject, issuer: Subject, { from, to }: Validity): string {
  serial += 1;
  const algorithm = der(SEQUENCE, oid('ecdsaWithSha256'));
  const isAuthority = subject.name === issuer.name;
  const constraints = der(SEQUENCE, oid('basicConstraints'), der(0x04, der(SEQUENCE, der(0x01, [0xff]))));
  const body = der(
    SEQUENCE,
    der(0xa0, der(0x02, [2])),
    der(0x02, [1, serial >> 8, serial & 255]),
    algorithm,
    named(issuer),
    der(SEQUENCE, der(0x17, Buffer.from(from)), der(0x17, Buffer.from(to))),
    named(subject),
    subject.key.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(SEQUENCE, altName(subject), ...(isAuthority ? [constraints] : []))),
  );
  const signed = der(SEQUENCE, body, algorithm, der(0x03, [0], sign('sha256', body, issuer.key)));
  const lines = signed
    .toString('base64')
    .match(/.{1,64}/g)!
    .join('\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

function named({ name }: Subject): Buffer {
  return der(SEQUENCE, der(0x31, der(SEQUENCE, oid('commonName'), der(0x0c, Buffer.from(name)))));
}

function altName({ name }: Subject): Buffer {
  const general = isIPv4(name) ? der(0x87, name.split('.').map(Number)) : der(0x82, Buffer.from(name));
  return der(SEQUENCE, oid('subjectAltName'), der(0x04, der(SEQUENCE, general)));
}
