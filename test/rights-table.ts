import type { Role } from '../src/kernel/role.ts';
import { harEntry, harOf } from './support/hars.ts';
import type { World } from './support/world.ts';

/** One route, who may, and what they get. */
export interface Right {
  readonly method: string;
  /** As it was registered, or as OpenAPI writes it. */
  readonly route: string;
  /** Pages take cookies, the relay takes keys, the API takes both. */
  readonly kind: 'page' | 'api' | 'proxy';
  readonly role: Role | 'anyone';
  /** The status for whoever may. */
  readonly allowed: number;
  /** True where the address names a thing of one workspace: elsewhere it is not there. */
  readonly isOfWorkspace: boolean;
  /** An address to ask; what the request uses up is made anew for each. */
  readonly path: (world: World) => string | Promise<string>;
  readonly form?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  /** What goes along as a file of a form. */
  readonly file?: string;
  /** The status for whoever is signed in, where that is another one. */
  readonly signedIn?: number;
  /** True where asking uses up the sign-in it is asked with. */
  readonly spendsSignIn?: boolean;
}

type Rest = Partial<Omit<Right, 'method' | 'route' | 'kind' | 'role' | 'allowed'>>;

const CONNECTION = {
  name: 'Made by hand',
  baseUrl: 'https://api.example.org',
  timeoutMs: '30000',
  width: '8',
  authType: 'none',
};
const DESCRIPTION = { name: 'Made by a program', baseUrl: 'https://api.example.org', auth: { type: 'none' } };
const HAR = harOf(harEntry());
const CALL = { method: 'GET', path: '/orders' };

const at = (path: string) => () => path;
const ofMore = (rest: string) => async (world: World) => `/connections/${await world.connect()}${rest}`;
const apiOfMore = (rest: string) => async (world: World) => `/api/v1/connections/${await world.connect()}${rest}`;

/** A page, or a form's address. */
function page(method: string, route: string, role: Right['role'], allowed: number, rest: Rest = {}): Right {
  return right('page', method, route, role, allowed, rest);
}

/** An operation of the JSON API, or the AJAX endpoint. */
function api(method: string, route: string, role: Right['role'], allowed: number, rest: Rest = {}): Right {
  return right('api', method, route, role, allowed, rest);
}

function right(
  kind: Right['kind'],
  method: string,
  route: string,
  role: Right['role'],
  allowed: number,
  rest: Rest,
): Right {
  const form = kind === 'page' && method === 'POST' ? { form: {} } : {};
  return { kind, method, route, role, allowed, isOfWorkspace: /[:{]/.test(route), path: at(route), ...form, ...rest };
}

const PARTNER = '/connections/partner';
const exchange = (world: World) => `/exchanges/${world.exchangeId}`;
const apiExchange = (world: World) => `/api/v1/exchanges/${world.exchangeId}`;

/** Who may do what, after the roles of the product's description. Written down again, on purpose. */
export const RIGHTS: readonly Right[] = [
  page('GET', '/healthz', 'anyone', 200),
  page('GET', '/readyz', 'anyone', 200),
  page('GET', '/setup', 'anyone', 303),
  page('POST', '/setup', 'anyone', 409, { form: { code: 'none', email: 'a@example.org', password: 'x'.repeat(20) } }),
  page('GET', '/sign-in', 'anyone', 200, { signedIn: 303 }),
  page('POST', '/sign-in', 'anyone', 422, { form: { email: 'a@example.org', password: 'wrong' } }),
  page('GET', '/invitation', 'anyone', 404),
  page('POST', '/invitation', 'anyone', 404, {
    form: { token: 'none', email: 'a@b.example', password: 'x'.repeat(20) },
  }),
  page('GET', '/problems/:code', 'anyone', 200, { path: at('/problems/not-found') }),
  page('GET', '/api', 'anyone', 200),

  page('GET', '/', 'viewer', 200),
  page('GET', '/connections', 'viewer', 200),
  page('GET', '/connections/:slug', 'viewer', 200, { path: at(PARTNER) }),
  page('GET', '/connections/:slug/grant', 'viewer', 200, { path: at(`${PARTNER}/grant`) }),
  page('GET', '/exchanges', 'viewer', 200),
  page('GET', '/comparisons', 'viewer', 200, {
    path: async (world) => `/comparisons?exchange=${world.exchangeId}&exchange=${await world.call()}`,
    isOfWorkspace: true,
  }),
  page('GET', '/comparisons/new', 'viewer', 200),
  page('GET', '/exchanges/:id', 'viewer', 200, { path: exchange }),
  page('GET', '/exchanges/:id/request-body', 'viewer', 200, { path: (world) => `${exchange(world)}/request-body` }),
  page('GET', '/exchanges/:id/response-body', 'viewer', 200, { path: (world) => `${exchange(world)}/response-body` }),
  page('GET', '/exchanges/:id/as/:format', 'viewer', 200, { path: (world) => `${exchange(world)}/as/curl` }),
  page('GET', '/exchanges/:id/as/:format/file', 'viewer', 200, { path: (world) => `${exchange(world)}/as/http/file` }),
  page('GET', '/exchanges/:id/har', 'viewer', 200, { path: (world) => `${exchange(world)}/har` }),
  ...['har', 'jsonl', 'csv'].flatMap((format) => [
    page('GET', `/exchanges.${format}`, 'viewer', 200, {
      path: at(`/exchanges.${format}?connection=partner`),
      isOfWorkspace: true,
    }),
    api('GET', `/api/v1/exchanges.${format}`, 'viewer', 200, {
      path: at(`/api/v1/exchanges.${format}?connection=partner`),
      isOfWorkspace: true,
    }),
  ]),
  page('GET', '/account', 'viewer', 200),
  page('POST', '/account/password', 'viewer', 422, { form: { currentPassword: 'wrong', newPassword: 'x' } }),
  page('POST', '/account/other-sign-ins/deletion', 'viewer', 303),
  page('POST', '/account/sign-ins/:id/deletion', 'viewer', 404, { path: at('/account/sign-ins/none/deletion') }),
  page('POST', '/workspace', 'viewer', 404, { form: { workspace: 'none' }, isOfWorkspace: true }),
  page('POST', '/sign-out', 'anyone', 303, { spendsSignIn: true }),

  page('GET', '/connections/new', 'editor', 200),
  page('POST', '/connections', 'editor', 303, { form: CONNECTION }),
  page('POST', '/practice-connections', 'editor', 303),
  page('GET', '/connections/:slug/edit', 'editor', 200, { path: at(`${PARTNER}/edit`) }),
  page('POST', '/connections/:slug', 'editor', 422, { path: at(PARTNER) }),
  page('POST', '/connections/new/discoveries', 'editor', 422),
  page('GET', '/connections/:slug/discoveries', 'editor', 303, { path: at(`${PARTNER}/discoveries`) }),
  page('POST', '/connections/:slug/discoveries', 'editor', 422, { path: at(`${PARTNER}/discoveries`) }),
  page('GET', '/connections/:slug/consent', 'editor', 200, { path: at(`${PARTNER}/consent`) }),
  page('POST', '/connections/:slug/consents', 'editor', 409, { path: at(`${PARTNER}/consents`) }),
  page('GET', '/connections/:slug/consents/:label', 'editor', 409, { path: at(`${PARTNER}/consents/none`) }),
  page('GET', '/consent/callback', 'editor', 422, { path: at('/consent/callback?state=none&code=none') }),
  page('GET', '/connections/:slug/device', 'editor', 200, { path: at(`${PARTNER}/device`) }),
  page('POST', '/connections/:slug/devices', 'editor', 409, { path: at(`${PARTNER}/devices`) }),
  page('GET', '/connections/:slug/devices/:id', 'editor', 404, { path: at(`${PARTNER}/devices/none`) }),
  page('GET', '/connections/:slug/devices/:id/state', 'editor', 404, { path: at(`${PARTNER}/devices/none/state`) }),
  page('POST', '/connections/:slug/devices/:id/deletion', 'editor', 404, {
    path: at(`${PARTNER}/devices/none/deletion`),
  }),
  page('POST', '/connections/:slug/exchanges', 'editor', 303, {
    path: at(`${PARTNER}/exchanges`),
    form: { method: 'GET', path: '/orders', headers: '', body: '', contentType: 'none' },
  }),
  page('POST', '/connections/:slug/grant/renewals', 'editor', 303, { path: at(`${PARTNER}/grant/renewals`) }),

  page('POST', '/connections/:slug/grant/endpoint-refusals', 'owner', 303, {
    path: at(`${PARTNER}/grant/endpoint-refusals`),
    form: { tokenUrl: 'https://id.partner.example/moved' },
  }),
  page('POST', '/connections/:slug/grant/introspections', 'editor', 409, {
    path: at(`${PARTNER}/grant/introspections`),
  }),

  page('POST', '/exchanges/:id/replays', 'editor', 303, { path: (world) => `${exchange(world)}/replays` }),

  page('POST', '/exchanges/:id/pin', 'editor', 303, { path: (world) => `${exchange(world)}/pin`, form: { note: 'x' } }),
  page('POST', '/exchanges/:id/pin/deletion', 'editor', 303, { path: (world) => `${exchange(world)}/pin/deletion` }),

  page('GET', '/exchanges/import', 'editor', 200),
  page('POST', '/exchanges/imports', 'editor', 303, { file: HAR }),

  page('GET', '/exchanges/deletion', 'owner', 200),
  page('POST', '/exchanges/deletion', 'owner', 200, { form: { asked: '2020-01-01T00:00:00.000Z' } }),
  page('GET', '/exchanges/:id/deletion', 'owner', 200, { path: (world) => `${exchange(world)}/deletion` }),
  page('POST', '/exchanges/:id/deletion', 'owner', 303, {
    path: async (world) => `/exchanges/${await world.call()}/deletion`,
  }),

  page('GET', '/connections/:slug/grant/revocation', 'owner', 200, { path: at(`${PARTNER}/grant/revocation`) }),
  page('POST', '/connections/:slug/grant/revocation', 'owner', 303, { path: ofMore('/grant/revocation') }),
  page('GET', '/connections/:slug/deletion', 'owner', 200, { path: at(`${PARTNER}/deletion`) }),
  page('POST', '/connections/:slug/deletion', 'owner', 303, { path: ofMore('/deletion') }),
  page('GET', '/keys', 'owner', 200),
  page('POST', '/keys', 'owner', 201, { form: { name: 'Made by hand', role: 'viewer', expires: 'never' } }),
  page('POST', '/keys/:id/revocation', 'owner', 303, {
    path: async (world) => `/keys/${await world.key()}/revocation`,
  }),
  page('GET', '/people', 'owner', 200),
  page('POST', '/people/:id', 'owner', 303, {
    path: async (world) => `/people/${await world.member()}`,
    form: { role: 'editor' },
  }),
  page('GET', '/people/:id/deletion', 'owner', 200, {
    path: async (world) => `/people/${await world.member()}/deletion`,
  }),
  page('POST', '/people/:id/deletion', 'owner', 303, {
    path: async (world) => `/people/${await world.member()}/deletion`,
  }),
  page('POST', '/invitations', 'owner', 201, { form: { note: 'Somebody', role: 'viewer' } }),
  page('POST', '/invitations/:id/deletion', 'owner', 303, {
    path: async (world) => `/invitations/${await world.invitation()}/deletion`,
  }),

  api('GET', '/_token_refresh', 'viewer', 200, { path: at('/_token_refresh?connection=partner'), isOfWorkspace: true }),
  api('POST', '/_token_refresh', 'editor', 200, { json: { connection: 'partner' }, isOfWorkspace: true }),

  api('GET', '/api/openapi.json', 'anyone', 200),
  api('GET', '/api/v1/connections', 'viewer', 200),
  api('POST', '/api/v1/connections', 'editor', 201, { json: DESCRIPTION }),
  api('GET', '/api/v1/connections/{slug}', 'viewer', 200, { path: at(`/api/v1${PARTNER}`) }),
  api('PATCH', '/api/v1/connections/{slug}', 'editor', 200, { path: at(`/api/v1${PARTNER}`), json: { width: 9 } }),
  api('DELETE', '/api/v1/connections/{slug}', 'owner', 204, { path: apiOfMore('') }),
  api('GET', '/api/v1/connections/{slug}/grant', 'viewer', 200, { path: at(`/api/v1${PARTNER}/grant`) }),
  api('POST', '/api/v1/connections/{slug}/grant/renewals', 'editor', 201, {
    path: at(`/api/v1${PARTNER}/grant/renewals`),
  }),
  api('DELETE', '/api/v1/connections/{slug}/grant', 'owner', 204, { path: apiOfMore('/grant') }),
  api('POST', '/api/v1/connections/{slug}/exchanges', 'editor', 201, {
    path: at(`/api/v1${PARTNER}/exchanges`),
    json: CALL,
  }),
  api('POST', '/api/v1/exchanges/imports', 'editor', 201, { json: JSON.parse(HAR) }),
  api('GET', '/api/v1/exchanges', 'viewer', 200),
  api('GET', '/api/v1/exchanges/{id}', 'viewer', 200, { path: apiExchange }),
  api('GET', '/api/v1/exchanges/{id}/request-body', 'viewer', 200, {
    path: (world) => `${apiExchange(world)}/request-body`,
  }),
  api('GET', '/api/v1/exchanges/{id}/response-body', 'viewer', 200, {
    path: (world) => `${apiExchange(world)}/response-body`,
  }),
  api('DELETE', '/api/v1/exchanges/{id}', 'owner', 204, {
    path: async (world) => `/api/v1/exchanges/${await world.call()}`,
  }),
  api('PUT', '/api/v1/exchanges/{id}/pin', 'editor', 200, { path: (world) => `${apiExchange(world)}/pin`, json: {} }),
  api('GET', '/api/v1/exchanges/{id}/pin', 'viewer', 200, { path: (world) => `${apiExchange(world)}/pin` }),
  api('DELETE', '/api/v1/exchanges/{id}/pin', 'editor', 204, { path: (world) => `${apiExchange(world)}/pin` }),
  api('POST', '/api/v1/exchanges/{id}/replays', 'editor', 201, { path: (world) => `${apiExchange(world)}/replays` }),

  ...['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY'].map((method) =>
    right('proxy', method, '/proxy/{slug}/{path}', 'editor', method === 'POST' ? 201 : 200, {
      path: at('/proxy/partner/orders'),
    }),
  ),
];
