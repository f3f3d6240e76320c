import { randomBytes } from 'node:crypto';
import { openApp, OWNER, type TestApp } from '../support/app.ts';
import { Shown } from '../support/absence.ts';
import type { Client } from '../support/client.ts';
import { newKey } from '../support/keys.ts';
import { type LeakyApi, openLeakyApi } from '../support/leaky-api.ts';
import { Program, type ProgramReply, type ProgramRequest, withKey } from '../support/program.ts';
import { openProvider, type Provider } from '../support/provider.ts';

const unique = () => randomBytes(6).toString('hex');

/** One connection of each kind of authorisation, by slug, and what it holds. */
export const SECRETS = {
  kept: `clïent "secret" ž/日本+${unique()}`,
  keyed: `a/b//c\\d+e%2Ff=${unique()}`,
  queried: `rocket🚀key ${unique()} 100%+pure`,
  baked: `cookie<key>&amp+${unique()}`,
  basic: `say "please" & 'thanks' \\ ${unique()}`,
  bearer: 'k9!x-Q2z',
} as const;

/** A slug of the world's connections. */
export type Slug = keyof typeof SECRETS;

/** Every one of them. */
export const SLUGS = Object.keys(SECRETS) as readonly Slug[];

/** Callbook before APIs and a provider that tell every secret they know, and a program whose every answer is kept. */
export class LeakyWorld {
  readonly app: TestApp;
  readonly owner: Client;
  readonly key: string;
  readonly provider: Provider;
  readonly apis: Readonly<Record<Slug, LeakyApi>>;
  readonly elsewhere: LeakyApi;
  readonly shown = new Shown();
  readonly #program: Program;

  constructor(parts: Pick<LeakyWorld, 'app' | 'owner' | 'key' | 'provider' | 'apis' | 'elsewhere'>) {
    this.app = parts.app;
    this.owner = parts.owner;
    this.key = parts.key;
    this.provider = parts.provider;
    this.apis = parts.apis;
    this.elsewhere = parts.elsewhere;
    this.#program = new Program(parts.app.url, withKey(parts.key));
  }

  /** Asks as a program with the owner's power, and keeps the answer. */
  async ask(method: string, path: string, request: ProgramRequest = {}): Promise<ProgramReply> {
    const reply = await this.#program.ask(method, path, request);
    return this.shown.keep(`${method} ${path.slice(0, 80)}`, reply, reply.headers, reply.bytes);
  }

  /** What `POST /api/v1/connections` takes for one of them. */
  input(slug: Slug) {
    const { provider } = this;
    const value = SECRETS[slug];
    const auths = {
      kept: {
        type: 'oauth2',
        grantType: 'refresh_token',
        tokenUrl: provider.tokenUrl,
        revocationUrl: provider.revocationUrl,
        clientId: provider.clientId,
        clientSecret: value,
        refreshToken: provider.issueGrant().refreshToken,
      },
      keyed: { type: 'apiKey', in: 'header', name: 'X-Partner', value },
      queried: { type: 'apiKey', in: 'query', name: 'who', value },
      baked: { type: 'apiKey', in: 'cookie', name: 'told', value },
      basic: { type: 'basic', username: 'üser', password: value },
      bearer: { type: 'bearer', token: value },
    };
    return { name: `Leaky ${slug}`, slug, baseUrl: this.apis[slug].origin, auth: auths[slug] };
  }

  /** Makes all connections by the JSON API. */
  async connect(): Promise<void> {
    for (const slug of SLUGS) {
      const { status, text } = await this.ask('POST', '/api/v1/connections', { json: this.input(slug) });
      if (status !== 201) throw new Error(`${slug} was not made: ${status} ${text}`);
    }
  }

  /** Every secret by name: those that were planted, those of the provider, and those that let people and programs in. */
  secrets(): Record<string, string> {
    const issued = this.provider.secrets().map((secret, index) => [`issued ${index}`, secret] as const);
    const cookies = [...this.owner.cookies].map(([name, value]) => [`cookie ${name}`, value] as const);
    return { ...SECRETS, ...Object.fromEntries([...issued, ...cookies]), apiKey: this.key, password: OWNER.password };
  }
}

/** Starts all of it. */
export async function openLeakyWorld(): Promise<LeakyWorld & AsyncDisposable> {
  await using parts = new AsyncDisposableStack();
  const provider = parts.use(await openProvider({ clientSecret: SECRETS.kept, accessTokenSeconds: 600, newToken }));
  const elsewhere = parts.use(await openLeakyApi(() => []));
  const told = (slug: Slug) => () => [SECRETS[slug], ...(slug === 'kept' ? provider.secrets().slice(-2) : [])];
  const apis = {} as Record<Slug, LeakyApi>;
  for (const slug of SLUGS) apis[slug] = parts.use(await openLeakyApi(told(slug), elsewhere.origin));
  const app = parts.use(await openApp({ LOG_LEVEL: 'debug' }));
  const owner = await app.owner();
  const world = new LeakyWorld({ app, owner, key: await newKey(owner, 'owner'), provider, apis, elsewhere });
  const all = parts.move();
  return Object.assign(world, { [Symbol.asyncDispose]: () => all.disposeAsync() });
}

/** As providers make them: JWTs to call with, and refresh tokens full of what has to be escaped. */
function newToken(prefix: string): string {
  return prefix === 'access'
    ? `eyJhbGciOiJIUzI1NiJ9.${randomBytes(300).toString('base64url')}.${randomBytes(32).toString('base64url')}`
    : `${prefix}+/%20="${randomBytes(24).toString('base64url')}~`;
}
