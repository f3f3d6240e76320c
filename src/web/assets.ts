import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, posix, sep } from 'node:path';

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** What the browser needs from packages: our name for it, and the file in the package. */
const PACKAGE_FILES: Record<string, string> = {
  'fonts/jetbrains-mono.woff2': '@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2',
};

/** A file for the browser. `immutable` says that its address names this very content; `etag` is a strong one, quoted. */
export interface Asset {
  readonly bytes: Buffer;
  readonly type: string;
  readonly immutable: boolean;
  readonly etag: string;
}

/** The browser's files, held in memory. */
export interface Assets {
  /** The asset at an absolute path such as `/assets/styles/base.1f2e3d4c5b6a.css`, or null. */
  find(path: string): Asset | null;
  /** The path of a file of `public/` or of a package; throws where there is none of that name. */
  readonly url: (name: string) => string;
}

/** Reads every file under `dir` and the listed files of packages, once. In style sheets `url('asset:NAME')` is filled in. */
export function createAssets({ dir }: { readonly dir: string }): Assets {
  const byPath = new Map<string, Asset>();
  const urls = new Map<string, string>();

  function url(name: string): string {
    const found = urls.get(name);
    if (found === undefined) throw new Error(`There is no asset "${name}".`);
    return found;
  }

  function add(name: string, read: Buffer): void {
    const bytes = name.endsWith('.css') ? Buffer.from(withAddresses(read.toString(), url)) : read;
    const hash = createHash('sha256').update(bytes).digest('hex');
    const { dir: folder, name: stem, ext } = posix.parse(name);
    const type = TYPES[ext];
    if (type === undefined) throw new Error(`No content type is known for the asset "${name}".`);
    const hashed = posix.join('/assets', folder, `${stem}.${hash.slice(0, 12)}${ext}`);
    const asset = { bytes, type, etag: `"${hash.slice(0, 32)}"` };
    urls.set(name, hashed);
    byPath.set(hashed, { ...asset, immutable: true });
    byPath.set(posix.join('/assets', name), { ...asset, immutable: false });
  }

  const require = createRequire(import.meta.url);
  for (const [name, file] of Object.entries(PACKAGE_FILES)) add(name, readFileSync(require.resolve(file)));
  for (const name of stylesLast(filesUnder(dir))) add(name, readFileSync(join(dir, name)));

  return { find: (path) => byPath.get(path) ?? null, url };
}

function filesUnder(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(dir.length + 1)
        .replaceAll(sep, '/'),
    );
}

/** Style sheets name other assets, so they come when those have their addresses. */
function stylesLast(names: readonly string[]): string[] {
  return names.toSorted((a, b) => Number(a.endsWith('.css')) - Number(b.endsWith('.css')));
}

function withAddresses(css: string, url: (name: string) => string): string {
  return css.replace(
    /url\((['"])asset:([^'"]+)\1\)/g,
    (_, quote: string, name: string) => `url(${quote}${url(name)}${quote})`,
  );
}
