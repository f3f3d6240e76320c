import { describe, expect, test } from '@jest/globals';
import { decodeQR } from 'qr/decode.js';
import { qrCode } from '../../../src/web/presenters/qr-code.ts';

const SCALE = 4;

/** What a camera reads off a drawing: the path painted dark on light, pixel by pixel. */
function scanned({ size, path }: NonNullable<ReturnType<typeof qrCode>>): string {
  const width = size * SCALE;
  const data = new Uint8Array(width * width * 4).fill(255);
  for (const [, x = '', y = '', run = ''] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
    for (let row = 0; row < SCALE; row += 1) {
      for (let column = 0; column < Number(run) * SCALE; column += 1) {
        const at = ((Number(y) * SCALE + row) * width + Number(x) * SCALE + column) * 4;
        data.fill(0, at, at + 3);
      }
    }
  }
  return decodeQR({ data, width, height: width });
}

describe('a QR code', () => {
  test.each([
    'https://id.partner.example/device',
    'https://id.partner.example/device?user_code=WDJB-MJHT&lang=ä',
    `https://a.example/${'x'.repeat(900)}`,
  ])('of %s is read by a camera', (text) => {
    const code = qrCode(text);

    expect(code && scanned(code)).toBe(text);
  });

  test('keeps four light modules on every side', () => {
    const { size, path } = qrCode('https://id.partner.example/device') ?? { size: 0, path: '' };
    const runs = [...path.matchAll(/M(\d+) (\d+)h(\d+)/g)].map(([, x, y, run]) => [
      Number(x),
      Number(y),
      Number(x) + Number(run),
    ]);

    expect([Math.min(...runs.map(([x = 0]) => x)), Math.min(...runs.map(([, y = 0]) => y))]).toEqual([4, 4]);
    expect(Math.max(...runs.map(([, , end = 0]) => end))).toBe(size - 4);
  });

  test('is not drawn for what is too long for one', () => {
    expect(qrCode('x'.repeat(5000))).toBeNull();
  });
});
