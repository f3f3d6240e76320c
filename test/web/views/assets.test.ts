import { mkdtempSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { createAssets } from '../../../src/web/assets.ts';

function folder(files: Record<string, string>): string {
  const dir = mkdtempSync(join(tmpdir(), 'callbook-assets-'));
  mkdirSync(join(dir, 'styles'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  return dir;
}

describe('the browser’s files', () => {
  const css = "src: url('asset:fonts/jetbrains-mono.woff2'), url(\"asset:mark.svg\")";
  const assets = createAssets({ dir: folder({ 'styles/base.css': css, 'mark.svg': '<svg/>' }) });

  test('have addresses that name their content', () => {
    const other = createAssets({ dir: folder({ 'mark.svg': '<svg></svg>' }) });
    expect(assets.url('mark.svg')).toMatch(/^\/assets\/mark\.[0-9a-f]{12}\.svg$/);
    expect(other.url('mark.svg')).not.toBe(assets.url('mark.svg'));
  });

  test('may be kept for ever under that address only', () => {
    expect(assets.find(assets.url('mark.svg'))).toMatchObject({ immutable: true, type: 'image/svg+xml' });
    expect(assets.find('/assets/mark.svg')).toMatchObject({ immutable: false });
  });

  test('include the font of its package, which the styles name by its address', () => {
    const font = assets.url('fonts/jetbrains-mono.woff2');
    expect(assets.find(font)?.bytes.subarray(0, 4).toString()).toBe('wOF2');
    expect(assets.find(assets.url('styles/base.css'))?.bytes.toString()).toBe(
      `src: url('${font}'), url("${assets.url('mark.svg')}")`,
    );
  });

  test.each(['/assets/../package.json', '/assets/styles/', '/assets/', '/mark.svg', '/assets/mark.000000000000.svg'])(
    'do not reach to %s',
    (path) => {
      expect(assets.find(path)).toBeNull();
    },
  );

  test('are asked for by a name that exists', () => {
    expect(() => assets.url('gone.js')).toThrow('There is no asset "gone.js".');
    expect(() => createAssets({ dir: folder({ 'a.exe': '' }) })).toThrow('a.exe');
  });
});
