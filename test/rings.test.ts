import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';

const ROOT = join(import.meta.dirname, '..');

/** What each ring may import besides itself, as docs/architecture.md has it: written down again, on purpose. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  kernel: [],
  outbound: ['kernel/part'],
  secrets: ['kernel/part'],
  oauth: ['kernel/part'],
  model: ['kernel/part'],
  practice: ['kernel/part'],
  db: ['kernel/part', 'model/part', 'db/session', 'db/system', 'db/queries/part'],
  services: [
    'kernel/part',
    'outbound/part',
    'secrets/part',
    'oauth/part',
    'model/part',
    'db/session',
    'db/queries/part',
  ],
  jobs: ['kernel/part', 'services/part', 'db/session', 'db/system'],
  web: ['kernel/part', 'services/part', 'model/part'],
  cli: ['kernel/part', 'config', 'opening', 'inspection', 'workings', 'main', 'db/session', 'db/system'],
};
const RINGS = Object.keys(MAY_IMPORT);
const TARGETS = [
  ...RINGS.map((ring) => `${ring}/part`),
  'db/session',
  'db/system',
  'db/queries/part',
  'config',
  'opening',
  'inspection',
  'workings',
  'app',
  'main',
];

const DOORS: readonly (readonly [library: string, rule: string, open: readonly string[]])[] = [
  ['@mikro-orm/core', 'door-orm', ['model', 'db']],
  ['kysely', 'door-orm', ['model', 'db']],
  ['better-sqlite3', 'door-orm', ['model', 'db']],
  ['axios', 'door-http', ['outbound']],
  ['undici', 'door-http', ['outbound']],
  ['oauth4webapi', 'door-oauth', ['oauth']],
  ['koa', 'door-web', ['web', 'practice']],
  ['@koa/router', 'door-web', ['web', 'practice']],
  ['eta', 'door-web', ['web', 'practice']],
  ['oidc-provider', 'door-provider', ['practice']],
  ['commander', 'door-commands', ['cli']],
  ['jsondiffpatch', 'door-comparing', []],
  ['diff', 'door-comparing', []],
  ['qr', 'door-drawing', ['web']],
];

/** Files that look like one that may, and the one rule that names them. */
const SPECIAL: readonly (readonly [file: string, target: string, rule: string | null])[] = [
  ['web/middleware/scoped-session', 'db/session', null],
  ['web/middleware/scoped-session', 'db/part', 'ring-web-session'],
  ['web/middleware/scoped-session-two', 'db/session', 'ring-web'],
  ['services/gatekeeper', 'db/system', null],
  ['services/grants/grant-sweep', 'db/system', null],
  ['services/grants/notifier', 'db/system', null],
  ['services/grants/notice-turn', 'db/system', null],
  ['services/connections/device-sweep', 'db/system', null],
  ['services/exchanges/exchange-retention', 'db/system', null],
  ['services/exchanges/loose-bodies', 'db/system', null],
  ['services/claimed-turn', 'db/system', null],
  ['services/instances/instance-register', 'db/system', null],
  ['services/gatekeeper-two', 'db/system', 'system-scope'],
  ['web/routes/gatekeeper', 'db/system', 'system-scope'],
  ['services/near', 'db/session-two', 'ring-services'],
  ['cli/near', 'workings-two', 'ring-cli'],
  ['kernel-two/near', 'db/system', 'system-scope'],
];

interface Violation {
  readonly from: string;
  readonly to: string;
  readonly rule: { readonly name: string };
}

interface Cruise {
  readonly modules: number;
  readonly violations: readonly Violation[];
}

describe('a tree with every rule broken', () => {
  let cruise: Cruise;

  beforeAll(async () => {
    cruise = await cruisePlanted();
  });

  const rulesOf = (from: string, to: string): string[] =>
    cruise.violations.filter((one) => one.from === from && one.to.includes(to)).map(({ rule }) => rule.name);

  test.each(RINGS)('lets %s import what it may, and no more', (ring) => {
    const named = TARGETS.filter((target) =>
      rulesOf(planted(ring, target), `src/${target}.ts`).includes(`ring-${ring}`),
    );

    expect(named).toEqual(TARGETS.filter((target) => !mayImport(ring, target)));
  });

  test.each(RINGS)('lets %s import no test', (ring) => {
    expect(rulesOf(`src/${ring}/to-test.ts`, 'test/part.ts')).toContain(`ring-${ring}`);
  });

  test.each(DOORS)('opens %s to its doors only (%s)', (library, rule, open) => {
    const refused = RINGS.filter((ring) =>
      rulesOf(`src/${ring}/to-${flat(library)}.ts`, 'node_modules/').includes(rule),
    );

    expect(refused).toEqual(RINGS.filter((ring) => !open.includes(ring)));
  });

  test.each(SPECIAL)('%s importing %s: %s', (file, target, rule) => {
    const rules = rulesOf(`src/${file}.ts`, `src/${target}.ts`);

    expect(rule === null ? rules : rules.includes(rule)).toEqual(rule === null ? [] : true);
  });

  test('finds the cycle', () => {
    const rules = [
      ...rulesOf('src/kernel/hen.ts', 'src/kernel/egg.ts'),
      ...rulesOf('src/kernel/egg.ts', 'src/kernel/hen.ts'),
    ];

    expect(rules).toEqual(['no-cycles']);
  });

  test('finds the file that nothing imports', () => {
    expect(rulesOf('src/kernel/orphan.ts', 'src/kernel/orphan.ts')).toEqual(['no-orphans']);
  });
});

describe('this tree', () => {
  test('keeps every rule, and was looked at', async () => {
    const { modules, violations } = await runCruise(ROOT);

    expect(violations.map(({ from, to, rule }) => `${rule.name}: ${from} → ${to}`)).toEqual([]);
    expect(modules).toBeGreaterThan(50);
  });
});

function mayImport(ring: string, target: string): boolean {
  return (
    target.startsWith(`${ring}/`) || (MAY_IMPORT[ring] ?? []).includes(target) || isSystemSeenElsewhere(ring, target)
  );
}

/** For services it is the rule `system-scope` that names the files; see SPECIAL. */
function isSystemSeenElsewhere(ring: string, target: string): boolean {
  return ring === 'services' && target === 'db/system';
}

function planted(ring: string, target: string): string {
  return `src/${ring}/to-${flat(target)}.ts`;
}

function flat(name: string): string {
  return name.replaceAll(/[/@]/g, '-');
}

function plantedFiles(): Map<string, string> {
  const files = new Map(
    [...TARGETS, 'db/session-two', 'workings-two'].map((target) => [`src/${target}.ts`, 'export const part = 1;']),
  );
  const plant = (from: string, to: string) => {
    const way = relative(dirname(from), to);
    files.set(from, `${files.get(from) ?? ''}import '${way.startsWith('.') ? way : `./${way}`}';\n`);
  };
  for (const ring of RINGS) {
    for (const target of TARGETS) plant(planted(ring, target), `src/${target}.ts`);
    for (const [library] of DOORS) files.set(`src/${ring}/to-${flat(library)}.ts`, `import '${library}';`);
    plant(`src/${ring}/to-test.ts`, 'test/part.ts');
  }
  for (const [file, target] of SPECIAL) plant(`src/${file}.ts`, `src/${target}.ts`);
  plant('src/kernel/hen.ts', 'src/kernel/egg.ts');
  plant('src/kernel/egg.ts', 'src/kernel/hen.ts');
  files.set('src/kernel/orphan.ts', 'export const orphan = 1;');
  return files.set('test/part.ts', 'export const part = 1;');
}

async function cruisePlanted(): Promise<Cruise> {
  const folder = await mkdtemp(join(tmpdir(), 'callbook-rings-'));
  try {
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    for (const name of ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json'])
      await cp(join(ROOT, name), join(folder, name));
    for (const [file, source] of plantedFiles()) {
      await mkdir(join(folder, dirname(file)), { recursive: true });
      await writeFile(join(folder, file), source);
    }
    return await runCruise(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function runCruise(folder: string): Promise<Cruise> {
  const tool = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const args = [tool, '--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'src'];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd: folder, maxBuffer: 64 * 1024 * 1024 }, (_error, stdout, stderr) => {
      if (stdout === '') return reject(new Error(stderr));
      const { summary } = JSON.parse(stdout) as { summary: { totalCruised: number; violations: Violation[] } };
      resolve({ modules: summary.totalCruised, violations: summary.violations });
    });
  });
}
