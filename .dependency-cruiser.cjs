/** The rings of docs/architecture.md: imports point inwards only, and each outside library has one door. */
/** A place that ends in neither `.ts` nor `/` is a ring: its whole folder. */
const RINGS = {
  kernel: [],
  outbound: ['kernel'],
  secrets: ['kernel'],
  oauth: ['kernel'],
  model: ['kernel'],
  practice: ['kernel'],
  db: ['kernel', 'model'],
  services: ['kernel', 'outbound', 'secrets', 'oauth', 'model', 'db/session.ts', 'db/queries/'],
  jobs: ['kernel', 'services', 'db/session.ts'],
  web: ['kernel', 'services', 'model'],
  cli: [
    'kernel',
    'config.ts',
    'opening.ts',
    'inspection.ts',
    'backups.ts',
    'selection.ts',
    'workings.ts',
    'main.ts',
    'db/session.ts',
  ],
};

/** Files that may work in no workspace. */
const SYSTEM_SERVICES =
  '(boot-epoch|gatekeeper|key-gate|invitations|workspaces|start-up|key-rotation|grant-sweep|notice-turn|notifier|device-sweep|metadata-watch|retention|claimed-turn|exchange-retention|search-indexer|loose-bodies|rate-limiter)\\.ts$';
const SYSTEM = [
  '^src/(db|jobs|cli)/',
  '^src/services/instances/',
  `^src/services/${SYSTEM_SERVICES}`,
  `^src/services/[^/]+/${SYSTEM_SERVICES}`,
];

const DOORS = {
  orm: {
    libraries: '@mikro-orm/|kysely/|better-sqlite3/',
    doors: 'src/(model|db)/|mikro-orm\\.config\\.ts',
  },
  http: { libraries: 'axios/|undici/', doors: 'src/outbound/' },
  oauth: { libraries: 'oauth4webapi/', doors: 'src/oauth/' },
  web: { libraries: 'koa/|@koa/|eta/', doors: 'src/(web|practice)/|src/app\\.ts' },
  provider: { libraries: 'oidc-provider/', doors: 'src/practice/' },
  commands: { libraries: 'commander/', doors: 'src/cli/' },
  comparing: { libraries: 'jsondiffpatch/|diff/', doors: 'src/services/comparisons/' },
  drawing: { libraries: 'qr/', doors: 'src/web/' },
};

const rings = Object.entries(RINGS).map(([ring, inner]) => {
  const places = [ring, ...inner].map(placePattern);
  const mayWorkInSystem = ['services', 'jobs', 'cli'].includes(ring);
  return {
    name: `ring-${ring}`,
    comment: `${ring} may import ${inner.length ? inner.join(', ') : 'nothing of ours'}.`,
    severity: 'error',
    from: {
      path: `^src/${ring}/`,
      ...(ring === 'web' && { pathNot: '^src/web/middleware/scoped-session\\.ts$' }),
    },
    to: {
      path: '^(src|test|mikro-orm\\.config)',
      pathNot: `^src/(${[...places, ...(mayWorkInSystem ? ['db/system\\.ts$'] : [])].join('|')})`,
    },
  };
});

function placePattern(place) {
  if (place.endsWith('.ts')) return `${place.replace('.', '\\.')}$`;
  return place.endsWith('/') ? place : `${place}/`;
}

const doors = Object.entries(DOORS).map(([name, { libraries, doors }]) => ({
  name: `door-${name}`,
  comment: `${libraries} come in through ${doors} only.`,
  severity: 'error',
  from: { path: '^(src|mikro-orm\\.config)', pathNot: `^(${doors})` },
  to: { path: `node_modules/(@types/)?(${libraries})` },
}));

module.exports = {
  forbidden: [
    ...rings,
    {
      name: 'ring-web-session',
      comment: 'web/middleware/scoped-session.ts may import db/session.ts besides what web may.',
      severity: 'error',
      from: { path: '^src/web/middleware/scoped-session\\.ts$' },
      to: { path: '^src/', pathNot: '^src/(web|kernel|services|model)/|^src/db/session\\.ts$' },
    },
    ...doors,
    {
      name: 'system-scope',
      comment: 'withSystem has no workspace filter: only the files named here may import it, by db/system.ts.',
      severity: 'error',
      from: { path: '^src/', pathNot: SYSTEM },
      to: { path: '^src/db/system\\.ts$' },
    },
    {
      name: 'no-cycles',
      comment: 'A cycle means that two files are one.',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      comment: 'Nothing imports this file.',
      severity: 'error',
      from: { orphan: true, path: '^src/' },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'node', 'default'] },
  },
};
