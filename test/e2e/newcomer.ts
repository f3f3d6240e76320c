import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { OWNER, type RunningApp, runApp } from '../support/running-app.ts';

const LOOK_EVERY_MS = 50;

/** What the practice provider keeps of its tokens, read from its own file. */
export interface PracticeTokens {
  /** Refresh tokens that were given out, the consent's first one included. */
  readonly given: number;
  /** Refresh tokens that were spent: as many refreshes has the provider seen. */
  readonly spent: number;
  /** Every token so far, and the client's secret. */
  readonly secrets: readonly string[];
}

interface Entry {
  readonly payload: { readonly kind?: string; readonly jti?: string; readonly consumed?: number };
}

/** Callbook as a newcomer finds it: nobody is the owner, nothing is connected, the practice API runs. */
export async function runEmptyApp(): Promise<RunningApp> {
  const app = await runApp({ env: { PRACTICE: 'on', OWNER_EMAIL: '', OWNER_PASSWORD: '' } });
  while (!app.printed().includes('The practice API is ready.')) await look();
  return app;
}

/** Makes the owner in the browser with the code that the app printed; ends on the home page. */
export async function createOwner(page: Page, app: RunningApp): Promise<void> {
  const code = /with the code (\S+)/.exec(app.printed())?.[1] ?? '';
  await page.goto(app.origin);
  await page.getByLabel('Set-up code').fill(code);
  await page.getByLabel('E-mail address').fill(OWNER.email);
  await page.getByLabel('Password').fill(OWNER.password);
  await page.getByRole('button', { name: 'Create the owner' }).click();
  await page.waitForURL(`${app.origin}/`);
}

/** From the empty home page to the practice provider's question. */
export async function tryPractice(page: Page, { origin }: RunningApp): Promise<void> {
  await page.getByRole('button', { name: 'Try the practice API' }).click();
  await page.waitForURL(`${origin}/connections/practice`);
}

/** From the connection's page to the provider's question, and its answer; ends on a page of Callbook. */
export async function consent(page: Page, { origin }: RunningApp, answer: 'Allow' | 'Refuse'): Promise<void> {
  await page.getByRole('link', { name: 'Consent', exact: true }).click();
  await page.getByRole('button', { name: 'Go to the provider' }).click();
  await page.getByRole('button', { name: answer, exact: true }).click();
  await page.waitForURL((url) => url.origin === origin && !url.pathname.endsWith('/consent'));
}

/** The base URL of the practice API that this app runs. */
export function practiceApi(app: RunningApp): string {
  return `${/"origin":"([^"]+)","msg":"The practice API is ready\."/.exec(app.printed())?.[1]}/api`;
}

/** What the practice provider of this app has given out and taken back. */
export async function practiceTokens({ folder }: RunningApp): Promise<PracticeTokens> {
  const text = await readFile(join(folder, 'practice.json'), 'utf8');
  const state = JSON.parse(text) as { client: { secret: string }; entries: Record<string, Entry> };
  const payloads = Object.values(state.entries).map(({ payload }) => payload);
  const refresh = payloads.filter(({ kind }) => kind === 'RefreshToken');
  const access = payloads.filter(({ kind }) => kind === 'AccessToken');
  return {
    given: refresh.length,
    spent: refresh.filter(({ consumed }) => consumed !== undefined).length,
    secrets: [state.client.secret, ...[...refresh, ...access].map(({ jti }) => jti ?? '')],
  };
}

/** Everything that goes wrong in any page of a context: scripts, content security policy, requests, statuses. */
export function complaintsOf(context: BrowserContext): string[] {
  const found: string[] = [];
  context.on('weberror', (error) => found.push(error.error().message));
  context.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') found.push(message.text());
  });
  context.on('requestfailed', (request) => found.push(`${request.url()}: ${request.failure()?.errorText}`));
  context.on('response', (response) => {
    if (response.status() >= 400) found.push(`${response.url()}: ${response.status()}`);
  });
  return found;
}

function look(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
}
