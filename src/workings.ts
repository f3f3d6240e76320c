import type { Config } from './config.ts';
import type { Database } from './db/orm.ts';
import { refuseIfInTransaction } from './db/session.ts';
import type { Checkpoint } from './kernel/checkpoint.ts';
import type { Clock } from './kernel/clock.ts';
import { idsBy, type RandomBytes } from './kernel/ids.ts';
import type { Logger } from './kernel/logger.ts';
import { openNotices } from './notices.ts';
import { DpopNonces } from './oauth/dpop.ts';
import { createApiClient } from './outbound/api-client.ts';
import { egressPolicy } from './outbound/egress-policy.ts';
import { fingerprint } from './secrets/fingerprint.ts';
import type { KeyRing } from './secrets/keys.ts';
import { type Argon2Cost, Passwords } from './secrets/passwords.ts';
import { openVault } from './secrets/vault.ts';
import { ConnectionRemoval } from './services/connections/connection-removal.ts';
import { BootEpoch } from './services/boot-epoch.ts';
import { ComparisonThreads } from './services/comparisons/comparison-threads.ts';
import { ExchangeComparison } from './services/comparisons/exchange-comparison.ts';
import { ConnectionCatalogue } from './services/connections/connection-catalogue.ts';
import { Connector } from './services/connections/connector.ts';
import { Consents } from './services/connections/consents.ts';
import { Discovery } from './services/connections/discovery.ts';
import { IssuerReader } from './services/connections/issuer-reader.ts';
import { MetadataWatch } from './services/connections/metadata-watch.ts';
import { DeviceConsents } from './services/connections/device-consents.ts';
import { DeviceSweep } from './services/connections/device-sweep.ts';
import { BodyStore } from './services/exchanges/body-store.ts';
import { ExchangeHistory } from './services/exchanges/exchange-history.ts';
import { ExchangeJournal } from './services/exchanges/exchange-journal.ts';
import { ExchangePins } from './services/exchanges/exchange-pins.ts';
import { ExchangeRemoval } from './services/exchanges/exchange-removal.ts';
import { ExchangeRetention } from './services/exchanges/exchange-retention.ts';
import { ExchangeExport } from './services/exchanges/exports/exchange-export.ts';
import { ExchangeImport } from './services/exchanges/imports/exchange-import.ts';
import { LooseBodies } from './services/exchanges/loose-bodies.ts';
import { ExchangeSelector } from './services/exchanges/exchange-selection.ts';
import { SearchIndexer } from './services/exchanges/search-indexer.ts';
import { ExchangeReplay } from './services/exchanges/exchange-replay.ts';
import { OpenedSecrets } from './services/exchanges/opened-secrets.ts';
import { Relay } from './services/exchanges/relay.ts';
import { RequestSender } from './services/exchanges/request-sender.ts';
import { Gatekeeper } from './services/gatekeeper.ts';
import { GrantLife } from './services/grants/grant-life.ts';
import { Introspector } from './services/grants/introspector.ts';
import { GrantLedger } from './services/grants/grant-ledger.ts';
import { GrantSweep } from './services/grants/grant-sweep.ts';
import { GrantTeller } from './services/grants/grant-teller.ts';
import { LateTokens } from './services/grants/late-tokens.ts';
import { Renewal } from './services/grants/renewal.ts';
import { Revoker } from './services/grants/revoker.ts';
import { SpilledTokens } from './services/grants/spilled-tokens.ts';
import { TokenKeeper } from './services/grants/token-keeper.ts';
import { TokenReturn } from './services/grants/token-return.ts';
import { InstanceRegister } from './services/instances/instance-register.ts';
import { ApiKeys } from './services/keys/api-keys.ts';
import { KeyRotation } from './services/key-rotation.ts';
import { KeyGate } from './services/keys/key-gate.ts';
import { Accounts } from './services/people/accounts.ts';
import { Invitations } from './services/people/invitations.ts';
import { Inviter } from './services/people/inviter.ts';
import { Members } from './services/people/members.ts';
import { Users } from './services/people/users.ts';
import { Workspaces } from './services/people/workspaces.ts';
import { RateLimiter } from './services/rate-limiter.ts';
import { Retention } from './services/retention.ts';

/** Calls that may wait for a place; more are refused. */
const LINE = 256;
const CONNECT_MS = 10_000;

/** Beyond this much of an answer a call fails; what is kept of it is a setting. */
const ANSWER_BYTES = 256 * 2 ** 20;

/** What the workings are made from: the world outside and what was opened at start. */
export interface WorkingsParts {
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
  /** What hashing a password costs, where it is not the usual; tests have no time. */
  readonly passwordCost?: Argon2Cost;
  /** Nobody listens but fault tests. */
  readonly checkpoint?: Checkpoint;
}

/** Makes every service once: what the server and the command line have in common. */
export function createWorkings(parts: WorkingsParts) {
  const { config, publicUrl, database, keys, clock, random, logger, checkpoint } = parts;
  const { instances } = database;
  const newId = idsBy(clock, random);
  const vault = openVault(keys, random);
  const instanceId = instances.self;
  const chance = () => random(4).readUInt32BE() / 2 ** 32;
  const redirectUri = () => `${publicUrl}/consent/callback`;

  const egress = egressPolicy({ entries: config.egress, ownPorts: parts.ownPorts, ownPortsExcept: parts.practicePort });
  const outbound = { clock, egress, logger, refuseIfInTransaction };
  const places = { width: config.callWidth, connectMs: CONNECT_MS };
  const apis = createApiClient({ ...outbound, limits: { ...places, line: LINE } });
  // Token calls have places of their own: slow APIs must not keep a grant from being renewed.
  const providers = createApiClient({ ...outbound, limits: { ...places, line: 10_000 } });
  const notices = openNotices({ ...outbound, config, publicUrl, ownPorts: parts.ownPorts });

  const nonces = new DpopNonces();
  const bodies = new BodyStore({ newId, clock });
  const journal = new ExchangeJournal({ bodies, instanceId, keepBytes: config.maxBodyBytes });
  const history = new ExchangeHistory(bodies);
  const indexer = new SearchIndexer({
    checkpoint: () => database.checkpoint(),
    merge: (pages) => database.mergeWords(pages),
  });
  const selector = new ExchangeSelector({ search: database.search, indexer });
  const ledger = new GrantLedger({
    clock,
    newId,
    instanceId,
    vault,
    journal,
    fingerprint: (secret) => fingerprint(keys, secret),
    checkpoint,
  });
  const tokens = new TokenReturn({ clock, newId, logger, vault, journal, send: providers.send });
  const revoker = new Revoker({ vault, ledger, tokens });
  const bootEpoch = new BootEpoch({ file: database.epochFile, ledger, newId, logger });
  const late = new LateTokens({ logger, tokens });
  const spillVault = openVault(keys, random, 'spill');
  const { spill } = database;
  const spilled = new SpilledTokens({ clock, logger, vault, spillVault, spill, instances, ledger, late });
  const renewal = new Renewal({
    clock,
    newId,
    logger,
    vault,
    ledger,
    journal,
    send: providers.send,
    nonces,
    late,
    spilled,
    chance,
    checkpoint,
  });
  const keeper = new TokenKeeper({ clock, vault, instances, ledger, renewal, spilled, chance, checkpoint });
  const life = new GrantLife({ clock, vault });
  const introspector = new Introspector({ clock, newId, vault, journal, history, send: providers.send });
  const teller = new GrantTeller({ clock, keeper });
  const sweep = new GrantSweep({ clock, keeper, instances, logger });
  const limits = { keepBytes: config.maxBodyBytes, maxBytes: ANSWER_BYTES };
  const opened = new OpenedSecrets({ vault });
  const callParts = { clock, newId, opened, keeper, journal, nonces, send: apis.send, limits };
  const sender = new RequestSender(callParts);
  const relay = new Relay({ ...callParts, bodies });
  const loose = new LooseBodies();
  const erasure = new ExchangeRemoval({ clock, history, indexer, loose, selector });
  const exporting = new ExchangeExport({ bodies, clock, selector, version: parts.version });
  const importing = new ExchangeImport({ bodies, newId, vault, instanceId, keepBytes: config.maxBodyBytes });
  const pins = new ExchangePins({ clock, history });
  const replay = new ExchangeReplay({ history, sender });
  const comparison = new ExchangeComparison({ history, bodies, threads: new ComparisonThreads() });
  const connector = new Connector({ clock, newId, vault, timeoutMs: config.callTimeoutMs });
  const removal = new ConnectionRemoval({ logger, vault, connector, tokens });
  const catalogue = new ConnectionCatalogue({ vault });
  const consentParts = { clock, newId, vault, journal, send: providers.send };
  const consents = new Consents({ ...consentParts, random, ledger, nonces, redirectUri });
  const devices = new DeviceConsents(consentParts);
  const deviceSweep = new DeviceSweep({ ...consentParts, logger, ledger, tokens, nonces });
  const issuers = new IssuerReader({ send: providers.send });
  const discovery = new Discovery({ issuers });
  const metadataWatch = new MetadataWatch({ clock, newId, logger, issuers });
  const register = new InstanceRegister({ clock, instances, version: parts.version, keyId: keys.primary.kid });

  const passwords = new Passwords({ random, ...(parts.passwordCost && { cost: parts.passwordCost }) });
  const limiter = new RateLimiter({ clock, hash: (subject) => fingerprint(keys, subject) });
  const apiKeys = new ApiKeys({ clock, newId, random });
  const keyGate = new KeyGate({ clock, limiter });
  const gatekeeper = new Gatekeeper({ clock, newId, random, passwords, limiter });
  const accounts = new Accounts({ passwords, limiter });
  const invitations = new Invitations({ clock, newId, passwords, limiter });
  const users = new Users({ clock, newId, passwords, limiter });
  const workspaces = new Workspaces({ clock, newId });

  return {
    newId,
    redirectUri,
    chance,
    history,
    indexer,
    selector,
    keeper,
    teller,
    life,
    introspector,
    sweep,
    spilled,
    bootEpoch,
    /** Null where nobody listens at `NOTIFY_URL`. */
    notifier: notices?.notifier ?? null,
    sender,
    relay,
    pins,
    erasure,
    exporting,
    importing,
    replay,
    comparison,
    revoker,
    connector,
    removal,
    catalogue,
    consents,
    discovery,
    metadataWatch,
    devices,
    deviceSweep,
    register,
    gatekeeper,
    apiKeys,
    keyGate,
    accounts,
    invitations,
    inviter: new Inviter({ clock, newId, random }),
    members: new Members(),
    users,
    workspaces,
    keyRotation: new KeyRotation({ keys, vault, instances }),
    retention: new Retention({ clock, limiter, bodies }),
    pruning: new ExchangeRetention({
      ...config,
      checkpoint: () => database.checkpoint(),
      clock,
      indexer,
      loose,
    }),
    /** Ends every call under way as aborted, so that it is recorded as such. */
    abortCalls: () => [apis, providers, notices?.client].forEach((client) => client?.abortAll()),
    callsInFlight: () => apis.inFlight() + providers.inFlight(),
    /** Waits for calls and renewals under way, then closes their connections; the instance is gone from the register. */
    async leave(): Promise<void> {
      await Promise.all([keeper.landed(), deviceSweep.landed()]);
      await bootEpoch.keepUp();
      await Promise.all([apis.close(), providers.close(), notices?.client.close()]);
      await register.leave();
    },
  };
}

export type Workings = ReturnType<typeof createWorkings>;
