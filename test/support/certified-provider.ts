import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type Koa from 'koa';
import type { Context, Middleware } from 'koa';
import {
  type AdapterPayload,
  type ClientMetadata,
  type Configuration,
  type KoaContextWithOIDC,
  Provider,
} from 'oidc-provider';
import { authority, type Certificate } from './certificate.ts';
import { ACCOUNT, grantTypes } from './certified-grants.ts';
import { certificateOf, resource } from './certified-resource.ts';
import { CertifiedStore } from './certified-store.ts';

const SCOPES = ['openid', 'offline_access', 'orders'];

/**
 * The certified OAuth server `oidc-provider` over TLS, with every flow and client authentication, and a resource that
 * checks tokens, proofs and certificates (`GET /resource`). Who asks for consent gets it.
 */
export class CertifiedProvider implements AsyncDisposable {
  readonly origin: string;
  /** Certificates its TLS is known by, as PEM. */
  readonly authorities: string;
  readonly #provider: Provider;
  readonly #clients: CertifiedStore;
  readonly #kept: Map<string, AdapterPayload>;
  readonly #ca: ReturnType<typeof authority>;
  readonly #forgotten: string[] = [];
  readonly #close: () => Promise<void>;

  private constructor(parts: {
    origin: string;
    ca: ReturnType<typeof authority>;
    provider: Provider;
    kept: Map<string, AdapterPayload>;
    close: () => Promise<void>;
  }) {
    this.origin = parts.origin;
    this.authorities = parts.ca.cert;
    this.#ca = parts.ca;
    this.#provider = parts.provider;
    this.#kept = parts.kept;
    this.#clients = new CertifiedStore('Client', parts.kept);
    this.#close = parts.close;
  }

  static async start(): Promise<CertifiedProvider> {
    const ca = authority('Test authority');
    const { cert, key } = ca.issue('127.0.0.1');
    let answer: ReturnType<Koa['callback']> | undefined;
    const server = createServer(
      { cert, key, ca: [ca.cert], requestCert: true, rejectUnauthorized: false },
      (request, response) => void answer?.(request, response),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('The server listens on no port.');
    const origin = `https://127.0.0.1:${address.port}`;

    const kept = new Map<string, AdapterPayload>();
    const provider = new Provider(origin, { ...CONFIGURATION, adapter: (model) => new CertifiedStore(model, kept) });
    grantTypes(provider);
    provider.use(consenting(provider));
    provider.use(resource(provider));
    answer = provider.callback();
    const close = async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    };
    return new CertifiedProvider({ origin, ca, provider, kept, close });
  }

  /** Registers a client. */
  async register(client: ClientMetadata): Promise<void> {
    const usual = {
      redirect_uris: [],
      response_types: [],
      grant_types: ['client_credentials'],
      scope: SCOPES.join(' '),
      id_token_signed_response_alg: 'ES256' as const,
    };
    await this.#clients.upsert(client.client_id, { ...usual, ...client });
  }

  /** A certificate for a name, by the authority that the server trusts. */
  issue(name: string): Certificate {
    return this.#ca.issue(name);
  }

  /** A refresh token that a person once got in some other way, and holds now. */
  async refreshToken(clientId: string): Promise<string> {
    const client = await this.#provider.Client.find(clientId);
    if (!client) throw new Error(`There is no client ${clientId}.`);
    const scope = SCOPES.join(' ');
    const grant = new this.#provider.Grant({ accountId: ACCOUNT, clientId });
    grant.addOIDCScope(scope);
    const token = { accountId: ACCOUNT, client, grantId: await grant.save(), scope, gty: 'authorization_code' };
    return new this.#provider.RefreshToken(token).save();
  }

  /** Forgets the tokens of a client: they are of no use any more. */
  forgetTokensOf(clientId: string): void {
    for (const [key, payload] of this.#kept) {
      if (payload.clientId !== clientId || !isSecret(key)) continue;
      this.#kept.delete(key);
      this.#forgotten.push(key);
    }
  }

  /** What a person does on another device. */
  async approve(userCode: string, agrees = true): Promise<void> {
    const code = await this.#provider.DeviceCode.findByUserCode(userCode.replaceAll('-', ''));
    if (!code) throw new Error(`Nobody waits for ${userCode}.`);
    if (agrees) {
      const { clientId = '' } = code;
      const asked = code.params?.['scope'];
      const scope = typeof asked === 'string' ? asked : '';
      const grant = new this.#provider.Grant({ accountId: ACCOUNT, clientId });
      grant.addOIDCScope(scope);
      Object.assign(code, { accountId: ACCOUNT, grantId: await grant.save(), scope, authTime: now() });
    } else Object.assign(code, { error: 'access_denied' });
    await code.save();
  }

  /** Every token and code that was issued, whether or not it is spent or forgotten. */
  issued(): string[] {
    return [...this.#kept.keys(), ...this.#forgotten].filter(isSecret).map((key) => key.slice(key.indexOf(':') + 1));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }
}

const SECRET_MODELS = new Set(['AccessToken', 'RefreshToken', 'ClientCredentials', 'AuthorizationCode', 'DeviceCode']);

/** True where the id of what is kept is a token or a code. */
function isSecret(key: string): boolean {
  return SECRET_MODELS.has(key.split(':')[0] ?? '');
}

const CONFIGURATION: Configuration = {
  clientAuthMethods: [
    'client_secret_basic',
    'client_secret_post',
    'client_secret_jwt',
    'private_key_jwt',
    'tls_client_auth',
    'self_signed_tls_client_auth',
    'none',
  ],
  scopes: SCOPES,
  cookies: { keys: [randomBytes(32).toString('base64url')] },
  pkce: { required: () => true },
  rotateRefreshToken: true,
  issueRefreshToken: async (_ctx: unknown, client: { grantTypeAllowed(type: string): boolean }) =>
    client.grantTypeAllowed('refresh_token'),
  ttl: {
    AccessToken: 3600,
    ClientCredentials: 3600,
    AuthorizationCode: 60,
    DeviceCode: 600,
    IdToken: 600,
    Interaction: 600,
    Session: 600,
    RefreshToken: 86_400,
    Grant: 86_400,
  },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    deviceFlow: { enabled: true },
    revocation: { enabled: true, allowedPolicy: async () => true },
    introspection: { enabled: true, allowedPolicy: async () => true },
    pushedAuthorizationRequests: { enabled: true },
    dPoP: {
      enabled: true,
      nonceSecret: randomBytes(32),
      requireNonce: (ctx: KoaContextWithOIDC) => ctx.oidc.client?.clientId === 'bound-to-key',
    },
    mTLS: {
      enabled: true,
      certificateBoundAccessTokens: true,
      tlsClientAuth: true,
      selfSignedTlsClientAuth: true,
      getCertificate: (ctx: Context) => certificateOf(ctx),
      certificateAuthorized: (ctx: Context) => (ctx.socket as TLSSocket).authorized,
      certificateSubjectMatches: (ctx: Context, _property: string, expected: string) =>
        certificateOf(ctx)?.subjectAltName === `DNS:${expected}`,
    },
    resourceIndicators: {
      enabled: true,
      defaultResource: async () => undefined,
      useGrantedResource: async () => true,
      getResourceServerInfo: async () => ({
        scope: 'orders',
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'ES256' } },
      }),
    },
    rpInitiatedLogout: { enabled: false },
  },
  jwks: { keys: [signingKey()] },
  interactions: { url: (_ctx: unknown, { uid }: { uid: string }) => `/consent/${uid}` },
  findAccount: async (_ctx: unknown, sub: string) => ({ accountId: sub, claims: async () => ({ sub }) }),
};

function signingKey() {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { ...privateKey.export({ format: 'jwk' }), kty: 'EC', use: 'sig', alg: 'ES256', kid: 'test' };
}

/** Says yes for the one account there is. */
function consenting(provider: Provider): Middleware {
  return async (ctx, next) => {
    if (!ctx.path.startsWith('/consent/')) return next();
    const { params } = await provider.interactionDetails(ctx.req, ctx.res);
    const grant = new provider.Grant({ accountId: ACCOUNT, clientId: String(params['client_id']) });
    grant.addOIDCScope(String(params['scope']));
    for (const resource of [params['resource']].flat())
      if (typeof resource === 'string') grant.addResourceScope(resource, 'orders');
    const answer = { login: { accountId: ACCOUNT }, consent: { grantId: await grant.save() } };
    ctx.respond = false;
    await provider.interactionFinished(ctx.req, ctx.res, answer, { mergeWithLastSubmission: false });
  };
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}
