import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import Koa from 'koa';
import type { Config } from './config.ts';
import type { Clock } from './kernel/clock.ts';
import type { RandomBytes } from './kernel/ids.ts';
import type { Logger } from './kernel/logger.ts';
import type { KeyRing } from './secrets/keys.ts';
import { maskLogText } from './secrets/log-masking.ts';
import { csrfToken, isCsrfToken } from './secrets/opaque-token.ts';
import type { ConnectionInput } from './services/connections/connection-input.ts';
import { createApi } from './web/api/operations.ts';
import { apiRoutes } from './web/api/router.ts';
import { createAssets } from './web/assets.ts';
import { consentCookie } from './web/consent-cookie.ts';
import { assetFiles } from './web/middleware/assets.ts';
import { body } from './web/middleware/body.ts';
import { callPlaces } from './web/middleware/call-places.ts';
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
import { apiPageRoutes } from './web/routes/api-page.ts';
import { comparisonRoutes } from './web/routes/comparisons.ts';
import { connectionForms } from './web/routes/connection-forms.ts';
import { connectionRoutes } from './web/routes/connections.ts';
import { consentRoutes } from './web/routes/consents.ts';
import { deviceConsentRoutes } from './web/routes/device-consents.ts';
import { discoveryRoutes } from './web/routes/discoveries.ts';
import { exchangeCopyRoutes } from './web/routes/exchange-copies.ts';
import { exchangeDeletionRoutes } from './web/routes/exchange-deletions.ts';
import { exchangeExportRoutes } from './web/routes/exchange-exports.ts';
import { exchangeImportRoutes } from './web/routes/exchange-imports.ts';
import { exchangeRoutes } from './web/routes/exchanges.ts';
import { healthRoutes } from './web/routes/health.ts';
import { grantRoutes } from './web/routes/grants.ts';
import { historyRoutes } from './web/routes/history.ts';
import { homeRoutes } from './web/routes/home.ts';
import { keyRoutes } from './web/routes/keys.ts';
import { invitationRoutes } from './web/routes/invitations.ts';
import { peopleRoutes } from './web/routes/people.ts';
import { pinRoutes } from './web/routes/pins.ts';
import { proxyRoutes } from './web/routes/proxy.ts';
import { revocationRoutes } from './web/routes/revocations.ts';
import { setupRoutes } from './web/routes/setup.ts';
import { signInRoutes } from './web/routes/sign-in.ts';
import { tokenRefreshRoutes } from './web/routes/token-refresh.ts';
import { workbenchRoutes } from './web/routes/workbench.ts';
import { workspaceRoutes } from './web/routes/workspaces.ts';
import { sessionCookie } from './web/session-cookie.ts';
import { createViews } from './web/views.ts';
import type { Workings } from './workings.ts';

/** What the app is made from: the services, and what only the web needs. */
export interface AppParts {
  readonly config: Config;
  readonly version: string;
  readonly publicUrl: string;
  readonly keys: KeyRing;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly logger: Logger;
  readonly workings: Workings;
  /** False while a stop is under way or the database cannot be had. */
  readonly isReady: () => Promise<boolean>;
  /** The practice API as a connection, or null where it does not run. */
  readonly practice: () => ConnectionInput | null;
  /** More middleware, inside the request's session and before the routes; tests look at sessions with it. */
  readonly inSession?: Koa.Middleware;
}

/** Puts the web before the services; the order of the middleware is the request's way in. Gives what answers one request. */
export function createApp(parts: AppParts): (request: IncomingMessage, response: ServerResponse) => void {
  const { config, version, publicUrl, keys, clock, random, logger, practice } = parts;
  const { accounts, apiKeys, connector, consents, gatekeeper, history, keyGate, newId, redirectUri, sender, teller } =
    parts.workings;
  const { comparison } = parts.workings;
  const { devices, invitations, inviter, members, pins, replay, revoker, selector, workspaces } = parts.workings;

  const root = join(import.meta.dirname, '..');
  const assets = createAssets({ dir: join(root, 'public') });
  const views = createViews({ dir: join(root, 'views'), cache: true });
  const tokens = {
    tokenFor: (signInId: string) => csrfToken(keys, signInId),
    matches: (signInId: string, token: string) => isCsrfToken(keys, signInId, token),
  };
  const banners = async (workspaceId: string) => grantBanners(await teller.tellAll(workspaceId));
  const render = createRender({ views, assets, tokens, banners, workspaces: (userId) => workspaces.ofPerson(userId) });
  // A fault ends the request's session, and its page must stand without a database as well: it tells of nothing else.
  const nothing = () => Promise.resolve([]);
  const renderFault = createRender({ views, assets, tokens, banners: nothing, workspaces: nothing });
  const forms = connectionForms({ connector, redirectUri, timeoutMs: config.callTimeoutMs, render });
  const cookie = sessionCookie(publicUrl);
  const api = createApi({ ...parts.workings, publicUrl, version });

  /** One for all: every route that sends calls. */
  const places = callPlaces({ most: 128 });

  const koa = new Koa();
  // Without a listener Koa writes to standard error, past the log: every client that breaks off would.
  koa.on('error', (error: unknown) => logger.info({ error }, 'A connection ended before its answer did.'));
  koa.use(requestId({ newId }));
  koa.use(requestLog({ logger, maskPath: maskLogText }));
  koa.use(securityHeaders({ publicUrl, random }));
  koa.use(problemDetails({ logger, renderPage: createProblemPage(renderFault) }));
  koa.use(clientAddress({ trustedProxies: config.trustedProxies }));
  koa.use(healthRoutes({ ready: parts.isReady }).routes());
  koa.use(oneHost({ publicUrl }));
  koa.use(assetFiles({ assets }));
  koa.use(gate({ gatekeeper, keyGate, cookie }));
  koa.use(body());
  koa.use(csrf({ publicUrl, tokens }));
  koa.use(scopedSession());
  if (parts.inSession) koa.use(parts.inSession);
  for (const router of [
    tokenRefreshRoutes({ teller }),
    homeRoutes({ clock, connector, teller, history, hasPractice: () => practice() !== null, render }),
    connectionRoutes({ clock, connector, removal: parts.workings.removal, teller, forms, practice, render }),
    discoveryRoutes({ connector, discovery: parts.workings.discovery, forms, places }),
    consentRoutes({ clock, connector, consents, teller, cookie: consentCookie(publicUrl), redirectUri, render }),
    deviceConsentRoutes({ clock, connector, devices, teller, render }),
    workbenchRoutes({ clock, connector, teller, history, sender, places, render }),
    exchangeCopyRoutes({ clock, history, render }),
    exchangeDeletionRoutes({ clock, history, pins, erasure: parts.workings.erasure, render }),
    exchangeExportRoutes(parts.workings),
    exchangeImportRoutes({ importing: parts.workings.importing, render }),
    exchangeRoutes({ clock, connector, history, pins, replay, comparison, places, render }),
    historyRoutes({ clock, connector, history, selector, render }),
    comparisonRoutes({ clock, comparison, render }),
    pinRoutes({ clock, history, pins, comparison, render }),
    grantRoutes({ ...parts.workings, clock, render }),
    revocationRoutes({ connector, revoker, render }),
    proxyRoutes({ relay: parts.workings.relay, places }),
    setupRoutes({ gatekeeper, cookie, render }),
    signInRoutes({ gatekeeper, cookie, render }),
    apiRoutes(api.operations, { places }),
    apiPageRoutes({ document: api.document, render }),
    keyRoutes({ clock, apiKeys, render }),
    accountRoutes({ accounts, workspaces, clock, render }),
    peopleRoutes({ clock, members, inviter, publicUrl, render }),
    invitationRoutes({ gatekeeper, invitations, workspaces, cookie, render }),
    workspaceRoutes({ gatekeeper, cookie }),
  ]) {
    koa.use(router.routes());
    koa.use(router.allowedMethods());
  }
  const answer = koa.callback();
  return (request, response) => void answer(request, response);
}
