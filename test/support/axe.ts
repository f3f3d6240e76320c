import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly target: readonly string[] }[];
}

/** What axe-core finds in the page as it stands: by every rule in light, by those of colour in dark. */
export async function violations(page: Page, what: string): Promise<string[]> {
  await page.emulateMedia({ colorScheme: 'light' });
  await page.evaluate(AXE);
  const light = await page.evaluate<Violation[]>('axe.run().then(({ violations }) => violations)');
  await page.emulateMedia({ colorScheme: 'dark' });
  const colours = `{ runOnly: ['color-contrast'] }`;
  const dark = await page.evaluate<Violation[]>(`axe.run(${colours}).then(({ violations }) => violations)`);
  return [...light, ...dark].map(
    ({ id, nodes }) => `${what}: ${id} at ${nodes.map(({ target }) => target.join(' ')).join(', ')}`,
  );
}

/** The same, and whether the page is wider than its window. */
export async function violationsAndWidth(page: Page, what: string): Promise<string[]> {
  const found = await violations(page, what);
  const width = await page.evaluate<number>('document.documentElement.scrollWidth');
  const room = await page.evaluate<number>('window.innerWidth');
  return width > room ? [...found, `${what}: ${width} px wide in ${room}`] : found;
}
