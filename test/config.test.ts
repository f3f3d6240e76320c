import { describe, expect, test } from '@jest/globals';
import { ConfigError, loadConfig, publicUrlOf } from '../src/config.ts';

const KEY = Buffer.alloc(32, 7).toString('base64');
const PRODUCTION = { NODE_ENV: 'production', PUBLIC_URL: 'https://callbook.example', APP_KEY: KEY };

function faultsOf(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

describe('an empty environment', () => {
  test('gives every default', () => {
    expect(loadConfig({}, false)).toEqual({
      isProduction: false,
      host: '127.0.0.1',
      port: 3000,
      databaseFile: 'data/callbook.db',
      durability: 'full',
      appKeys: null,
      appKeyFile: 'data/app.key',
      publicUrl: null,
      owner: null,
      egress: ['loopback'],
      trustedProxies: [],
      notifyUrl: null,
      logLevel: 'info',
      logFormat: 'json',
      retentionDays: 90,
      retentionBytes: 10 * 2 ** 30,
      maxBodyBytes: 16 * 2 ** 20,
      callTimeoutMs: 30_000,
      callWidth: 64,
      practice: true,
      practicePort: 3001,
    });
  });

  test('cannot be changed once it is read', () => {
    const config = loadConfig({ EGRESS: 'private', TRUSTED_PROXIES: '10.0.0.0/8' });

    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.egress)).toBe(true);
    expect(Object.isFrozen(config.trustedProxies)).toBe(true);
  });

  test('writes for people where a person reads', () => {
    expect(loadConfig({}, true).logFormat).toBe('pretty');
    expect(loadConfig({ LOG_FORMAT: 'json' }, true).logFormat).toBe('json');
  });

  test('is the same as one of empty variables', () => {
    expect(loadConfig({ HOST: '', PORT: ' ', APP_KEY: '', PUBLIC_URL: '' })).toEqual(loadConfig({}));
  });
});

describe('a setting that was given', () => {
  test.each<[NodeJS.ProcessEnv, object]>([
    [
      { HOST: 'LOCALHOST', PORT: '8080' },
      { host: 'localhost', port: 8080, practicePort: 8081, isProduction: false },
    ],
    [{ PORT: '0' }, { port: 0, practicePort: 0 }],
    [{ DATABASE_URL: 'sqlite:other.db' }, { databaseFile: 'other.db', appKeyFile: 'app.key' }],
    [{ DATABASE_URL: 'sqlite:/var/lib/c.db' }, { databaseFile: '/var/lib/c.db', appKeyFile: '/var/lib/app.key' }],
    [{ DATABASE_URL: 'sqlite:///var/lib/c.db' }, { databaseFile: '/var/lib/c.db' }],
    [{ DURABILITY: 'normal' }, { durability: 'normal' }],
    [{ APP_KEY: `${KEY}, ${KEY}` }, { appKeys: [KEY, KEY] }],
    [{ PUBLIC_URL: 'https://Callbook.Example:443/' }, { publicUrl: 'https://callbook.example' }],
    [
      { OWNER_EMAIL: 'Ada@Example.org', OWNER_PASSWORD: 'a long password' },
      { owner: { email: 'ada@example.org', password: 'a long password' } },
    ],
    [{ EGRESS: 'public, 10.1.2.0/24,api.lan:8443' }, { egress: ['public', '10.1.2.0/24', 'api.lan:8443'] }],
    [{ TRUSTED_PROXIES: '10.0.0.0/8,::1' }, { trustedProxies: ['10.0.0.0/8', '::1'] }],
    [
      { RETENTION_BYTES: '500 MB', MAX_BODY_BYTES: '65536' },
      { retentionBytes: 5e8, maxBodyBytes: 65_536 },
    ],
    [{ MAX_BODY_BYTES: '1.5mib' }, { maxBodyBytes: 1_572_864 }],
    [{ CALL_TIMEOUT_MS: '300000' }, { callTimeoutMs: 300_000 }],
    [
      { PRACTICE: 'off', PRACTICE_PORT: '9000' },
      { practice: false, practicePort: 9000 },
    ],
    [{ PRACTICE: 'off', PORT: '65535', PRACTICE_PORT: '65535' }, { practice: false }],
  ])('%j is read', (env, wanted) => {
    expect(loadConfig(env)).toMatchObject(wanted);
  });
});

describe('a setting that cannot be used', () => {
  test.each([
    ['HOST', 'http://0.0.0.0'],
    ['HOST', '127.0.0.1:80'],
    ['PORT', '70000'],
    ['PORT', '-1'],
    ['PORT', '3e3'],
    ['DATABASE_URL', 'postgresql://db/callbook'],
    ['DATABASE_URL', 'sqlite::memory:'],
    ['DATABASE_URL', 'sqlite:folder/'],
    ['DURABILITY', 'off'],
    ['APP_KEY', 'hunter2-hunter2-hunter2-hunter2!'],
    ['APP_KEY', Buffer.alloc(31, 1).toString('base64')],
    ['APP_KEY', `${KEY},`],
    ['PUBLIC_URL', 'books.example'],
    ['PUBLIC_URL', 'https://callbook.example/under'],
    ['PUBLIC_URL', 'ftp://callbook.example'],
    ['PUBLIC_URL', 'https://user:pass@callbook.example'],
    ['OWNER_EMAIL', 'somebody'],
    ['OWNER_PASSWORD', 'short'],
    ['EGRESS', 'loopback,10.0.0.0/99'],
    ['EGRESS', 'a b'],
    ['TRUSTED_PROXIES', 'proxy.example'],
    ['TRUSTED_PROXIES', '10.0.0.0/33'],
    ['NOTIFY_URL', 'hooks.example/token-4711'],
    ['LOG_LEVEL', 'loud'],
    ['LOG_FORMAT', 'xml'],
    ['RETENTION_DAYS', '99999'],
    ['RETENTION_DAYS', '1.5'],
    ['RETENTION_BYTES', '10 apples'],
    ['MAX_BODY_BYTES', '1 GiB'],
    ['CALL_TIMEOUT_MS', '300001'],
    ['CALL_WIDTH', '2049'],
    ['PRACTICE', 'yes'],
    ['PRACTICE_PORT', 'next'],
  ])('%s=%s is named, and its value is not', (name, value) => {
    const faults = faultsOf({ [name]: value });

    expect(faults[0]).toMatch(new RegExp(`^${name} must be .+\\.$`));
    expect(faults.join()).not.toContain(value);
  });

  test('comes with all the others', () => {
    const error = (() => {
      try {
        return loadConfig({ PORT: 'x', APP_KEY: 'secret-4711', RETENTION_DAYS: 'y', OWNER_PASSWORD: 'secret-4712' });
      } catch (fault) {
        return fault;
      }
    })();

    expect(error).toBeInstanceOf(ConfigError);
    expect(String(error)).toMatch(/PORT must[^]*RETENTION_DAYS|RETENTION_DAYS[^]*PORT must/);
    expect((error as ConfigError).faults).toHaveLength(5);
    expect(JSON.stringify([String(error), error])).not.toMatch(/secret-471/);
  });

  test('says how to make a key', () => {
    expect(faultsOf({ APP_KEY: 'x' })[0]).toContain('openssl rand -base64 32');
  });

  test('says that only SQLite is there yet', () => {
    expect(faultsOf({ DATABASE_URL: 'postgresql://u:p@db/c' })[0]).toContain('SQLite only');
  });
});

describe('settings that contradict each other', () => {
  test.each<[string, NodeJS.ProcessEnv, RegExp]>([
    ['an owner without a password', { OWNER_EMAIL: 'a@b.example' }, /together/],
    ['a password without an owner', { OWNER_PASSWORD: 'a long password' }, /together/],
    ['two listeners on one port', { PORT: '4000', PRACTICE_PORT: '4000' }, /PRACTICE_PORT must be another/],
    ['no port after the last', { PORT: '65535' }, /PRACTICE_PORT must be given/],
  ])('%s: refused', (_, env, sentence) => {
    expect(faultsOf(env)).toEqual([expect.stringMatching(sentence)]);
  });
});

describe('production', () => {
  test.each<[string, NodeJS.ProcessEnv]>([
    ['by NODE_ENV', { NODE_ENV: 'production' }],
    ['by an address others can reach', { HOST: '0.0.0.0' }],
    ['by a name others can reach', { HOST: 'callbook.lan' }],
    ['by an IPv6 address others can reach', { HOST: '::' }],
  ])('%s wants an address and a key', (_, env) => {
    expect(faultsOf(env)).toEqual([
      expect.stringMatching(/^PUBLIC_URL must be given/),
      expect.stringMatching(/^APP_KEY must be given/),
    ]);
  });

  test.each(['127.0.0.1', '127.8.8.8', '::1', 'localhost', '::ffff:127.0.0.1'])('is not meant by HOST=%s', (HOST) => {
    expect(loadConfig({ HOST }).isProduction).toBe(false);
  });

  test('opens the public internet only, and has no practice API', () => {
    expect(loadConfig(PRODUCTION)).toMatchObject({ isProduction: true, egress: ['public'], practice: false });
    expect(loadConfig({ ...PRODUCTION, PRACTICE: 'on' }).practice).toBe(true);
  });

  test('takes plain http only on a loopback address', () => {
    const plain = { ...PRODUCTION, PUBLIC_URL: 'http://callbook.example' };

    expect(loadConfig(plain).publicUrl).toBe('http://callbook.example');
    expect(faultsOf({ ...plain, HOST: '0.0.0.0' })).toEqual([expect.stringMatching(/must begin with https:/)]);
  });
});

describe('the origin people reach us at', () => {
  test.each<[NodeJS.ProcessEnv, number, string]>([
    [{}, 3000, 'http://127.0.0.1:3000'],
    [{ PORT: '0' }, 49_152, 'http://127.0.0.1:49152'],
    [{ HOST: '::1', PORT: '80' }, 80, 'http://[::1]'],
    [{ PUBLIC_URL: 'https://callbook.example' }, 3000, 'https://callbook.example'],
  ])('%j on port %i is %s', (env, port, wanted) => {
    expect(publicUrlOf(loadConfig(env), port)).toBe(wanted);
  });
});
