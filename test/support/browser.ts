import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const PACKAGE = fileURLToPath(import.meta.resolve('@sparticuz/chromium'));
const FLAGS = ['--no-sandbox', '--no-zygote', '--disable-gpu', '--font-render-hinting=none'];

/** Runs in a process of its own, because the package unpacks into whatever `TMPDIR` is. */
const UNPACK = `
  const { default: chromium, inflate } = await import(process.argv[1]);
  await chromium.executablePath();
  await inflate(process.argv[2]);
`;

/** A real browser, closed with whoever opened it. */
export interface OpenBrowser extends AsyncDisposable {
  readonly browser: Browser;
  /** A page in a context of its own: no cookie of another one. */
  newPage(options?: BrowserContextOptions): Promise<Page>;
}

/** Starts headless Chromium from the package alone: nothing of the machine is needed but its C library. */
export async function openBrowser(): Promise<OpenBrowser> {
  const folder = await unpacked();
  const browser = await chromium.launch({
    executablePath: join(folder, 'chromium'),
    args: FLAGS,
    env: { HOME: folder, LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'), FONTCONFIG_PATH: join(folder, 'fonts') },
  });
  return {
    browser,
    newPage: async (options) => (await browser.newContext(options)).newPage(),
    [Symbol.asyncDispose]: () => browser.close(),
  };
}

/** Writes what a page looks like now, from top to end, as a PNG. */
export async function screenshot(page: Page, file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await page.screenshot({ path: file, fullPage: true });
}

/** The unpacked browser, made once a machine: complete in a folder of its own before it gets its name. */
async function unpacked(): Promise<string> {
  const folder = join(tmpdir(), 'callbook-chromium-153.0.0');
  if (existsSync(folder)) return folder;
  const staging = await mkdtemp(`${folder}-`);
  const libraries = join(dirname(PACKAGE), '../bin/al2023.tar.br');
  const args = ['--input-type=module', '--eval', UNPACK, PACKAGE, libraries];
  await promisify(execFile)(process.execPath, args, { env: { ...process.env, TMPDIR: staging } });
  await writeFile(join(staging, 'fonts', 'fonts.conf'), fontSettings(folder));
  await rename(staging, folder).catch(async (error: unknown) => {
    await rm(staging, { recursive: true });
    if (!existsSync(folder)) throw error;
  });
  return folder;
}

/** The package's own settings look for its fonts under /tmp only. */
function fontSettings(folder: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${folder}/fonts/fonts</dir>
  <cachedir>${folder}/fonts-cache</cachedir>
</fontconfig>
`;
}
