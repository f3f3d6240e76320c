import { encodeQR } from 'qr';

/** Light modules on every side (ISO/IEC 18004, section 9.1): readers find the code by them. */
const QUIET = 4;

/** A QR code as one SVG path: `size` modules in each direction, the quiet zone included; dark runs, row by row. */
export interface QrCode {
  readonly size: number;
  readonly path: string;
}

/** Draws a text; null where it is too long for any code. */
export function qrCode(text: string): QrCode | null {
  const rows = modulesOf(text);
  if (!rows) return null;
  const runs = rows.flatMap((row, y) => [...runsOf(row)].map(([x, width]) => `M${x} ${y}h${width}v1h-${width}z`));
  return { size: rows.length, path: runs.join('') };
}

function modulesOf(text: string): boolean[][] | null {
  try {
    return encodeQR(text, 'raw', { ecc: 'medium', border: QUIET });
  } catch {
    return null;
  }
}

/** Where dark modules of a row begin and how many stand side by side. */
function* runsOf(row: readonly boolean[]): Generator<readonly [number, number]> {
  for (let x = 0; x < row.length; x += 1) {
    if (!row[x]) continue;
    const end = row.indexOf(false, x);
    const width = (end === -1 ? row.length : end) - x;
    yield [x, width];
    x += width;
  }
}
