import { createHash } from 'node:crypto';
import type { RawAnswer } from '../support/raw-api.ts';

export const bytes = (text: string, encoding: BufferEncoding = 'utf8') => Buffer.from(text, encoding);
export const sha256 = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');
export const chunked = (content: Buffer, trailers = '') => [
  bytes(`${content.length.toString(16)}\r\n`),
  content,
  bytes(`\r\n0\r\n${trailers}\r\n`),
];
export const JSON_TYPE = 'application/json';
export const SENTENCE = '{"id":9007199254740993,  "paid":true}';
export const PNG = bytes(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
export const DEEP = bytes('['.repeat(100_000) + ']'.repeat(100_000));
export const LONG_LINE = bytes(`{"line":"${'0123456789'.repeat(60_000)}"}`);
export const BOMB = Buffer.alloc(64 * 1024 * 1024);
export const UTF16 = bytes('﻿<?xml version="1.0"?><a>ß€</a>', 'utf16le');
/** A frame of one raw block whose window is 128 MiB (RFC 8878, section 3.1.1); RFC 9659 allows 8 MiB. */
export const WIDE = Buffer.concat([
  Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, (27 - 10) << 3, 0x29, 0, 0]),
  bytes('wide!'),
]);
export const HUNDRED = 100 * 1024 * 1024;
const PIECE = bytes('0123456789abcde\n'.repeat(4096));

export function* hundredMebibytes(): RawAnswer {
  for (let sent = 0; sent < HUNDRED; sent += PIECE.length) yield PIECE;
}

export function sumOf(pieces: RawAnswer) {
  const hash = createHash('sha256');
  let count = 0;
  for (const piece of pieces) {
    hash.update(piece);
    count += piece.length;
  }
  return { bytes: count, sha256: hash.digest('hex') };
}

export const pattern = (length: number) => Buffer.alloc(length, '0123456789abcde\n');

export function hexLine(content: Buffer): string {
  const line = [...content.subarray(0, 16)];
  const hex = line.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  const seen = line.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·')).join('');
  return `000000  ${hex.padEnd(47)}  ${seen}`;
}
