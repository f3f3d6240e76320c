import type { Middleware } from 'koa';
import { DatabaseBusy } from '../../../src/kernel/errors.ts';
import { type Role, ROLES } from '../../../src/kernel/role.ts';
import { type Api, openApi } from '../../support/api.ts';
import { openApp, type TestApp } from '../../support/app.ts';
import type { Client } from '../../support/client.ts';
import { newKey } from '../../support/keys.ts';
import { type ApiDocument, DescribedReplies } from '../../support/openapi.ts';
import { Program, withKey } from '../../support/program.ts';
import { openProvider, type Provider } from '../../support/provider.ts';

/** A request that carries it fails: `busy` as a database does, anything else as our own code does. */
export const FAULT = 'x-planted-fault';

/** Callbook with a program of each role, and a provider and an API to connect; every reply is held against the document. */
export interface World extends AsyncDisposable {
  readonly app: TestApp;
  readonly provider: Provider;
  readonly api: Api;
  /** The owner's browser. */
  readonly browser: Client;
  readonly described: DescribedReplies;
  readonly viewer: Program;
  readonly editor: Program;
  readonly owner: Program;
  /** A program without a key, or with headers of its own. */
  readonly stranger: (headers?: Record<string, string>) => Program;
}

/** Starts all of it; one at a time in a test file. */
export async function openWorld(): Promise<World> {
  await using parts = new AsyncDisposableStack();
  const provider = parts.use(await openProvider());
  const api = parts.use(await openApi({ provider }));
  const app = parts.use(await openApp({}, planted));
  const browser = await app.owner();
  const document = (await browser.get('/api/openapi.json')).json<ApiDocument>();
  const described = new DescribedReplies(document);
  const program = async (role: Role) => new Program(app.url, withKey(await newKey(browser, role)), described);
  const [viewer, editor, owner] = [await program('viewer'), await program('editor'), await program('owner')];
  const all = parts.move();
  return {
    app,
    provider,
    api,
    browser,
    described,
    viewer,
    editor,
    owner,
    stranger: (headers = {}) => new Program(app.url, headers, described),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** The weakest role first. */
export function byRole(world: World): readonly Program[] {
  return ROLES.map((role) => world[role]);
}

/** A connection by the API; `auth` and `more` go over OAuth 2 with client credentials. Gives its slug. */
export async function connected(world: World, auth: object = {}, more: object = {}): Promise<string> {
  const reply = await world.owner.ask('POST', '/api/v1/connections', { json: connection(world, auth, more) });
  if (reply.status !== 201) throw new Error(`No connection was made: ${reply.status} ${reply.text}`);
  return reply.json<{ slug: string }>().slug;
}

/** Sends a call by the API, as an editor's program; gives its record, as far as a test names what it reads. */
export async function sentCall<Shown extends { readonly id: string } = { readonly id: string }>(
  world: World,
  slug: string,
  json: object,
): Promise<Shown> {
  const reply = await world.editor.ask('POST', `/api/v1/connections/${slug}/exchanges`, { json });
  if (reply.status !== 201) throw new Error(`No call was sent: ${reply.status} ${reply.text}`);
  return reply.json<Shown>();
}

/** What `connected` sends. */
export function connection({ provider, api }: World, auth: object = {}, more: object = {}) {
  return {
    name: 'Partner',
    baseUrl: api.origin,
    ...more,
    auth: {
      type: 'oauth2',
      grantType: 'client_credentials',
      tokenUrl: provider.tokenUrl,
      clientId: provider.clientId,
      clientSecret: provider.clientSecret,
      ...auth,
    },
  };
}

/** `auth` that holds a pasted refresh token of the provider's. */
export function pastedGrant({ provider }: World): object {
  return { grantType: 'refresh_token', refreshToken: provider.issueGrant().refreshToken };
}

const planted: Middleware = async (ctx, next) => {
  const fault = ctx.get(FAULT);
  if (fault === 'busy') throw new DatabaseBusy();
  if (fault !== '') throw new Error('A fault was planted.');
  await next();
};
