import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type Koa from 'koa';
import { mayAct, type Role, ROLES } from '../src/kernel/role.ts';
import { type Right, RIGHTS } from './rights-table.ts';
import { type Api, openApi } from './support/api.ts';
import { openApp, OWNER, type TestApp } from './support/app.ts';
import type { Client } from './support/client.ts';
import { newKey } from './support/keys.ts';
import { join } from './support/people.ts';
import { openProvider, type Provider } from './support/provider.ts';
import { World } from './support/world.ts';

/** Everybody who may ask: people by a cookie, programs by a key, and an owner of another workspace by either. */
const ASKERS = [
  'nobody',
  ...ROLES,
  ...ROLES.map((role) => `key of ${role}` as const),
  'owner elsewhere',
  'key of owner elsewhere',
] as const;
type AskerName = (typeof ASKERS)[number];

const TO_SIGN_IN = 'to sign in';

let provider: Provider;
let api: Api;
let app: TestApp;
let koa: Koa | undefined;
let world: World;
const askers = new Map<AskerName, Record<string, string>>();

beforeAll(async () => {
  provider = await openProvider();
  api = await openApi({ provider });
  app = await openApp({}, async (ctx, next) => {
    koa = ctx.app;
    await next();
  });
  const owner = await app.owner();
  world = new World({ app, owner, provider, api });
  await world.fill();
  askers.set('nobody', {});
  for (const role of ROLES) {
    askers.set(role, cookieOf(role === 'owner' ? owner : await join(app, role)));
    askers.set(`key of ${role}`, { authorization: `Bearer ${await newKey(owner, role)}` });
  }
  const elsewhere = await join(app, 'owner', 'elsewhere');
  askers.set('owner elsewhere', cookieOf(elsewhere));
  askers.set('key of owner elsewhere', { authorization: `Bearer ${await newKey(elsewhere, 'owner')}` });
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await api[Symbol.asyncDispose]();
  await provider[Symbol.asyncDispose]();
});

describe('who may do what', () => {
  test('is written down for every route there is, and for no other', async () => {
    const told = new Set(
      RIGHTS.filter(({ kind }) => kind !== 'proxy').map(({ method, route }) => `${method} ${route}`),
    );
    const there = new Set([...routesOf(koa), ...(await operationsOf(app))]);

    expect([...there].filter((route) => !told.has(route))).toEqual([]);
    expect([...told].filter((route) => !there.has(route))).toEqual([]);
  });

  test.each(RIGHTS.map((right) => [right.method, right.route, right] as const))('%s %s', async (_, __, right) => {
    const found: Record<string, number | string> = {};
    for (const asker of ASKERS) found[asker] = await ask(right, asker);

    expect(found).toEqual(Object.fromEntries(ASKERS.map((asker) => [asker, expected(right, asker)])));
  });
});

/** What the roles say; a stranger learns nothing of whether a thing is there. */
function expected({ kind, role, allowed, signedIn, isOfWorkspace }: Right, asker: AskerName): number | string {
  const isKey = asker.startsWith('key of ');
  if (role === 'anyone') return isKey || asker === 'nobody' ? allowed : (signedIn ?? allowed);
  const isKnown = asker !== 'nobody' && (kind === 'api' || isKey === (kind === 'proxy'));
  if (!isKnown) return kind === 'page' ? TO_SIGN_IN : 401;
  const isElsewhere = asker.endsWith(' elsewhere');
  const own = asker.replace('key of ', '').replace(' elsewhere', '') as Role;
  if (!mayAct(own, role)) return 403;
  return isElsewhere && isOfWorkspace ? 404 : allowed;
}

async function ask(
  { method, kind, role, path, form, json, file, spendsSignIn }: Right,
  asker: AskerName,
): Promise<number | string> {
  const reply = await fetch(app.url + (await path(world)), {
    method,
    redirect: 'manual',
    headers: {
      'sec-fetch-site': 'same-origin',
      connection: 'close',
      accept: kind === 'page' ? 'text/html' : 'application/json',
      ...(json !== undefined && { 'content-type': 'application/json' }),
      ...(spendsSignIn && asker === 'owner' ? await anotherSignIn() : spendsSignIn ? {} : askers.get(asker)),
    },
    body: file ? withFile(file) : json === undefined ? (form ? new URLSearchParams(form) : null) : JSON.stringify(json),
  });
  const text = await reply.text();
  if (asker === 'nobody' || asker.endsWith(' elsewhere')) expect(text).not.toContain(world.mark);
  const isSentToSignIn = reply.status === 303 && /\/sign-in\?|\/sign-in$/.test(reply.headers.get('location') ?? '');
  return isSentToSignIn && role !== 'anyone' ? TO_SIGN_IN : reply.status;
}

function withFile(file: string): FormData {
  const form = new FormData();
  form.set('file', new Blob([file]), 'a file');
  return form;
}

async function anotherSignIn(): Promise<Record<string, string>> {
  const browser = app.client();
  await browser.post('/sign-in', OWNER);
  return cookieOf(browser);
}

function cookieOf(browser: Client): Record<string, string> {
  return { cookie: [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ') };
}

/** Every route of the app as it was registered; those of the JSON API are in its document, the relay takes any method. */
function routesOf(app: Koa | undefined): string[] {
  interface Layer {
    readonly path: string | RegExp;
    readonly methods: readonly string[];
  }
  const stacks = (app?.middleware ?? []).map((one) => (one as { router?: { stack: readonly Layer[] } }).router?.stack);
  return stacks
    .flatMap((stack) => stack ?? [])
    .filter(({ path }) => typeof path === 'string' && !path.startsWith('/api/'))
    .flatMap(({ path, methods }) =>
      methods.filter((method) => method !== 'HEAD').map((method) => `${method} ${String(path)}`),
    );
}

async function operationsOf(app: TestApp): Promise<string[]> {
  const { paths } = (await (await fetch(`${app.url}/api/openapi.json`)).json()) as { paths: Record<string, object> };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods)
      .filter((method) => ['get', 'post', 'put', 'patch', 'delete'].includes(method))
      .map((method) => `${method.toUpperCase()} ${path}`),
  );
}
