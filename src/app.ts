import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import Koa from 'koa';
import type { Config } from './config.ts';
import type { Database } from './db/orm.ts';
import { refuseIfInTransaction } from './db/session.ts';
import type { Clock } from './kernel/clock.ts';
import { idsBy, type RandomBytes } from './kernel/ids.ts';
import type { Logger } from './kernel/logger.ts';
import { createApiClient } from './outbound/api-client.ts';
import { egressPolicy } from './outbound/egress-policy.ts';
import { fingerprint } from './secrets/fingerprint.ts';
import type { KeyRing } from './secrets/keys.ts';
import { maskLogText } from './secrets/log-masking.ts';
import { csrfToken, isCsrfToken } from './secrets/opaque-token.ts';
import { type Argon2Cost, Passwords } from './secrets/passwords.ts';
import { openVault } from './secrets/vault.ts';
import type { ConnectionInput } from './services/connections/connection-input.ts';
import { Connector } from './services/connections/connector.ts';
import { Consents } from './services/connections/consents.ts';
import { BodyStore } from './services/exchanges/body-store.ts';
import { ExchangeHistory } from './services/exchanges/exchange-history.ts';
import { ExchangeJournal } from './services/exchanges/exchange-journal.ts';
import { RequestSender } from './services/exchanges/request-sender.ts';
import { Gatekeeper } from './services/gatekeeper.ts';
import { GrantLedger } from './services/grants/grant-ledger.ts';
import { GrantSweep } from './services/grants/grant-sweep.ts';
import { GrantTeller } from './services/grants/grant-teller.ts';
import { Renewal } from './services/grants/renewal.ts';
import { TokenKeeper } from './services/grants/token-keeper.ts';
import { InstanceRegister } from './services/instances/instance-register.ts';
import { People } from './services/people.ts';
import { RateLimiter } from './services/rate-limiter.ts';
import { Retention } from './services/retention.ts';
import { createAssets } from './web/assets.ts';
import { consentCookie } from './web/consent-cookie.ts';
import { assetFiles } from './web/middleware/assets.ts';
import { body } from './web/middleware/body.ts';
import { clientAddress } from './web/middleware/client-address.ts';
import { csrf } from './web/middleware/csrf.ts';
import { gate } from './web/middleware/gate.ts';
import { oneHost } from './web/middleware/one-host.ts';
import { requestId } from './web/middleware/request-id.ts';
import { requestLog } from './web/middleware/request-log.ts';
import { scopedSession } from './web/middleware/scoped-session.ts';
import { securityHeaders } from './web/middleware/security-headers.ts';
import { grantBanners } from './web/presenters/grant-banners.ts';
import { problemDetails } from './web/problem-details.ts';
import { createProblemPage, createRender } from './web/render.ts';
import { accountRoutes } from './web/routes/account.ts';
import { connectionRoutes } from './web/routes/connections.ts';
import { consentRoutes } from './web/routes/consents.ts';
import { exchangeRoutes } from './web/routes/exchanges.ts';
import { healthRoutes } from './web/routes/health.ts';
import { homeRoutes } from './web/routes/home.ts';
import { setupRoutes } from './web/routes/setup.ts';
import { signInRoutes } from './web/routes/sign-in.ts';
import { tokenRefreshRoutes } from './web/routes/token-refresh.ts';
import { workbenchRoutes } from './web/routes/workbench.ts';
import { sessionCookie } from './web/session-cookie.ts';
import { createViews } from './web/views.ts';

/** Calls that may wait for a place; more are refused. */
const LINE = 256;
const CONNECT_MS = 10_000;

/** Beyond this much of an answer a call fails; what is kept of it is a setting. */
const ANSWER_BYTES = 256 * 2 ** 20;

/** What the app is made from: the world outside and what was opened at start. */
export interface AppParts {
  readonly config: Config;
  readonly version: string;
  readonly publicUrl: string;
  readonly database: Database;
  readonly keys: KeyRing;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly logger: Logger;
  /** Ports of ours that no call may reach, the practice API's excepted. */
  readonly ownPorts: () => readonly number[];
  readonly practicePort: () => number | null;
  /** The practice API as a connection, or null where it does not run. */
  readonly practice: () => ConnectionInput | null;
  /** False once a stop is under way. */
  readonly isOpen: () => boolean;
  /** More middleware, inside the request's session and before the routes; tests look at sessions with it. */
  readonly inSession?: Koa.Middleware;
  /** What hashing a password costs, where it is not the usual; tests have no time. */
  readonly passwordCost?: Argon2Cost;
}

/** The composition root: makes every part once. */
export function createApp(parts: AppParts) {
  const { config, publicUrl, database, keys, clock, random, logger } = parts;
  const { instances } = database;
  const newId = idsBy(clock, random);
  const vault = openVault(keys, random);
  const instanceId = instances.self;
  const chance = () => random(4).readUInt32BE() / 2 ** 32;
  const redirectUri = () => `${publicUrl}/consent/callback`;

  const egress = egressPolicy({ entries: config.egress, ownPorts: parts.ownPorts, ownPortsExcept: parts.practicePort });
  const outbound = { clock, egress, logger, refuseIfInTransaction };
  const apis = createApiClient({ ...outbound, limits: { width: config.callWidth, line: LINE, connectMs: CONNECT_MS } });
  // Token calls have places of their own: slow APIs must not keep a grant from being renewed.
  const providers = createApiClient({
    ...outbound,
    limits: { width: config.callWidth, line: 10_000, connectMs: CONNECT_MS },
  });

  const bodies = new BodyStore({ newId, clock });
  const journal = new ExchangeJournal({ bodies, instanceId, keepBytes: config.maxBodyBytes });
  const history = new ExchangeHistory(bodies);
  const ledger = new GrantLedger({
    clock,
    newId,
    instanceId,
    vault,
    journal,
    fingerprint: (secret) => fingerprint(keys, secret),
  });
  const renewal = new Renewal({ clock, newId, logger, vault, ledger, journal, send: providers.send });
  const keeper = new TokenKeeper({ clock, vault, instances, ledger, renewal, chance });
  const teller = new GrantTeller({ clock, keeper });
  const sweep = new GrantSweep({ clock, keeper, instances, logger });
  const limits = { keepBytes: config.maxBodyBytes, maxBytes: ANSWER_BYTES };
  const sender = new RequestSender({ clock, newId, vault, keeper, journal, send: apis.send, limits });
  const connector = new Connector({ clock, newId, vault, timeoutMs: config.callTimeoutMs });
  const consents = new Consents({ clock, newId, random, vault, ledger, journal, send: providers.send, redirectUri });
  const register = new InstanceRegister({ clock, instances, version: parts.version });

  const passwords = new Passwords({ random, ...(parts.passwordCost && { cost: parts.passwordCost }) });
  const limiter = new RateLimiter({ clock, hash: (subject) => fingerprint(keys, subject) });
  const gatekeeper = new Gatekeeper({ clock, newId, random, passwords, limiter });
  const people = new People({ passwords, limiter });

  const root = join(import.meta.dirname, '..');
  const assets = createAssets({ dir: join(root, 'public') });
  const views = createViews({ dir: join(root, 'views'), cache: true });
  const tokens = {
    tokenFor: (signInId: string) => csrfToken(keys, signInId),
    matches: (signInId: string, token: string) => isCsrfToken(keys, signInId, token),
  };
  const banners = async (workspaceId: string) => grantBanners(await teller.tellAll(workspaceId));
  const render = createRender({ views, assets, tokens, banners });
  // A fault ends the request's session, and its page must stand without a database as well: it tells of no grants.
  const renderFault = createRender({ views, assets, tokens, banners: () => Promise.resolve([]) });
  const cookie = sessionCookie(publicUrl);
  const ready = async () => parts.isOpen() && (await database.isReady());

  const koa = new Koa();
  // Without a listener Koa writes to standard error, past the log: every client that breaks off would.
  koa.on('error', (error: unknown) => logger.info({ error }, 'A connection ended before its answer did.'));
  koa.use(requestId({ newId }));
  koa.use(requestLog({ logger, maskPath: maskLogText }));
  koa.use(securityHeaders({ publicUrl, random }));
  koa.use(problemDetails({ logger, renderPage: createProblemPage(renderFault) }));
  koa.use(clientAddress({ trustedProxies: config.trustedProxies }));
  koa.use(healthRoutes({ ready }).routes());
  koa.use(oneHost({ publicUrl }));
  koa.use(assetFiles({ assets }));
  koa.use(gate({ gatekeeper, cookie }));
  koa.use(body());
  koa.use(csrf({ publicUrl, tokens }));
  koa.use(scopedSession());
  if (parts.inSession) koa.use(parts.inSession);
  for (const router of [
    tokenRefreshRoutes({ teller }),
    homeRoutes({ clock, connector, teller, history, hasPractice: () => parts.practice() !== null, render }),
    connectionRoutes({
      clock,
      connector,
      teller,
      redirectUri,
      practice: parts.practice,
      timeoutMs: config.callTimeoutMs,
      render,
    }),
    consentRoutes({ clock, connector, consents, teller, cookie: consentCookie(publicUrl), redirectUri, render }),
    workbenchRoutes({ clock, connector, teller, history, sender, render }),
    exchangeRoutes({ clock, connector, history, render }),
    setupRoutes({ gatekeeper, cookie, render }),
    signInRoutes({ gatekeeper, cookie, render }),
    accountRoutes({ people, clock, render }),
  ]) {
    koa.use(router.routes());
    koa.use(router.allowedMethods());
  }
  const answer = koa.callback();

  return {
    /** Answers one request; never rejects. */
    answer: (request: IncomingMessage, response: ServerResponse) => void answer(request, response),
    gatekeeper,
    keeper,
    sweep,
    register,
    retention: new Retention({ clock, limiter }),
    chance,
    /** Ends every call under way as aborted, so that it is recorded as such. */
    abortCalls: () => [apis, providers].forEach((client) => client.abortAll()),
    callsInFlight: () => apis.inFlight() + providers.inFlight(),
    closeClients: () => Promise.all([apis.close(), providers.close()]),
  };
}

export type App = ReturnType<typeof createApp>;
