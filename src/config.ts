import { dirname, join } from 'node:path';
import {
  appKey,
  byteSize,
  egressEntry,
  emailAddress,
  hostName,
  httpUrl,
  isLoopback,
  listOf,
  network,
  oneOf,
  origin,
  password,
  sqliteFile,
  wholeNumber,
  type ReadValue,
} from './config-values.ts';

const MiB = 2 ** 20;
const PORT = 'a whole number from 0 to 65535, such as 3000 (0 takes any free port)';
const KEY_HINT = 'make one with: openssl rand -base64 32';

/** Every setting there is, checked. Units stand in the names; bytes are bytes. */
export interface Config {
  /** True when NODE_ENV says so or HOST is not a loopback address. */
  readonly isProduction: boolean;
  readonly host: string;
  readonly port: number;
  readonly databaseFile: string;
  readonly durability: 'full' | 'normal';
  /** Base64 texts of 32 bytes each, the first one seals; null where `appKeyFile` holds the key. */
  readonly appKeys: readonly string[] | null;
  readonly appKeyFile: string;
  /** An origin, without a closing slash; null where it follows the address we listen on, see `publicUrlOf`. */
  readonly publicUrl: string | null;
  readonly owner: { readonly email: string; readonly password: string } | null;
  readonly egress: readonly string[];
  readonly trustedProxies: readonly string[];
  readonly notifyUrl: string | null;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  readonly logFormat: 'pretty' | 'json';
  readonly retentionDays: number;
  readonly retentionBytes: number;
  readonly maxBodyBytes: number;
  readonly callTimeoutMs: number;
  readonly callWidth: number;
  readonly practice: boolean;
  readonly practicePort: number;
}

/** Settings that cannot be used. One sentence each, with how to mend it and without the value. */
export class ConfigError extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(['Callbook cannot start with these settings:', ...faults.map((fault) => `- ${fault}`)].join('\n'));
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

/**
 * The one reader of the environment. An empty variable counts as not given. `isTerminal` tells whether log lines go to
 * a person. Throws `ConfigError` with every fault at once, and never with the value of a setting.
 */
export function loadConfig(env: NodeJS.ProcessEnv = process.env, isTerminal = Boolean(process.stdout.isTTY)): Config {
  const faults: string[] = [];

  function given<T>(name: string, read: ReadValue<T>, wanted: string): T | null {
    const text = env[name]?.trim();
    if (!text) return null;
    try {
      return read(text);
    } catch {
      faults.push(`${name} must be ${wanted}.`);
      return null;
    }
  }

  const host = given('HOST', hostName, 'a host name or an IP address without a port, such as 127.0.0.1') ?? '127.0.0.1';
  const port = given('PORT', wholeNumber(0, 65_535), PORT) ?? 3000;
  const isProduction = env.NODE_ENV === 'production' || !isLoopback(host);
  const databaseFile =
    given(
      'DATABASE_URL',
      sqliteFile,
      'sqlite: and a file, such as sqlite:data/callbook.db (this version keeps its data in SQLite only)',
    ) ?? 'data/callbook.db';
  const email = given('OWNER_EMAIL', emailAddress, 'an e-mail address');
  const secret = given('OWNER_PASSWORD', password, '12 to 256 characters long');

  const config: Config = {
    isProduction,
    host,
    port,
    databaseFile,
    durability: given('DURABILITY', oneOf('full', 'normal'), 'full or normal') ?? 'full',
    appKeys: given('APP_KEY', listOf(appKey), `32 bytes in base64, or several with commas between (${KEY_HINT})`),
    appKeyFile: join(dirname(databaseFile), 'app.key'),
    publicUrl: given('PUBLIC_URL', origin, 'an http or https origin without a path, such as https://callbook.example'),
    owner: email && secret ? Object.freeze({ email, password: secret }) : null,
    egress:
      given(
        'EGRESS',
        listOf(egressEntry),
        'public, loopback or private, hosts, host:port and CIDRs, with commas between',
      ) ?? Object.freeze([isProduction ? 'public' : 'loopback']),
    trustedProxies:
      given('TRUSTED_PROXIES', listOf(network), 'addresses or CIDRs with commas between, such as 10.0.0.0/8') ??
      Object.freeze([]),
    notifyUrl: given('NOTIFY_URL', (text) => httpUrl(text).href, 'an absolute http or https URL'),
    logLevel:
      given('LOG_LEVEL', oneOf('debug', 'info', 'warn', 'error', 'silent'), 'debug, info, warn, error or silent') ??
      'info',
    logFormat: given('LOG_FORMAT', oneOf('pretty', 'json'), 'pretty or json') ?? (isTerminal ? 'pretty' : 'json'),
    retentionDays: given('RETENTION_DAYS', wholeNumber(1, 36_500), 'a whole number of days from 1 to 36500') ?? 90,
    retentionBytes:
      given('RETENTION_BYTES', byteSize(MiB, 2 ** 50), 'a size of 1 MiB or more, such as 10 GiB') ?? 10 * 2 ** 30,
    maxBodyBytes:
      given('MAX_BODY_BYTES', byteSize(1, 256 * MiB), 'a size of at most 256 MiB, such as 16 MiB') ?? 16 * MiB,
    callTimeoutMs:
      given('CALL_TIMEOUT_MS', wholeNumber(1, 300_000), 'a whole number of milliseconds from 1 to 300000') ?? 30_000,
    callWidth: given('CALL_WIDTH', wholeNumber(1, 1024), 'a whole number from 1 to 1024') ?? 64,
    practice: (given('PRACTICE', oneOf('on', 'off'), 'on or off') ?? (isProduction ? 'off' : 'on')) === 'on',
    practicePort: given('PRACTICE_PORT', wholeNumber(0, 65_535), PORT) ?? (port === 0 ? 0 : port + 1),
  };
  faults.push(...contradictions(config, env));
  if (faults.length > 0) throw new ConfigError(faults);
  return Object.freeze(config);
}

/** The origin people reach us at: PUBLIC_URL, or the address we listen on. `port` is the one that was bound. */
export function publicUrlOf({ publicUrl, host }: Config, port: number): string {
  return publicUrl ?? new URL(`http://${host.includes(':') ? `[${host}]` : host}:${port}`).origin;
}

/** What is wrong between settings that are each right by themselves. */
function contradictions(config: Config, env: NodeJS.ProcessEnv): string[] {
  const { isProduction, host, publicUrl, practice, port, practicePort } = config;
  const faults: string[] = [];
  if (isProduction && !env.PUBLIC_URL?.trim()) {
    faults.push('PUBLIC_URL must be given in production: the address people open, such as https://callbook.example.');
  }
  if (isProduction && !env.APP_KEY?.trim()) faults.push(`APP_KEY must be given in production (${KEY_HINT}).`);
  if (isProduction && publicUrl?.startsWith('http:') && !isLoopback(host)) {
    faults.push('PUBLIC_URL must begin with https: unless HOST is a loopback address.');
  }
  if (Boolean(env.OWNER_EMAIL?.trim()) !== Boolean(env.OWNER_PASSWORD?.trim())) {
    faults.push('OWNER_EMAIL and OWNER_PASSWORD must be given together, or neither of them.');
  }
  if (practice && port !== 0 && practicePort === port) faults.push('PRACTICE_PORT must be another port than PORT.');
  if (practicePort > 65_535) faults.push('PRACTICE_PORT must be given where PORT is 65535.');
  return faults;
}
