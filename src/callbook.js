// Plain JavaScript that old versions of Node can read, so that they can say what is missing instead of a syntax error.
import { readFileSync } from 'fs';
import * as module from 'module';

const NEEDED = 24;
const HELP = `Usage: callbook start

  start      listen and serve until told to stop
  --version  print the version
  --help     print this

Settings are environment variables; README.md lists them.
`;

/** @param {string} text @param {number} code */
function leave(text, code) {
  (code === 0 ? process.stdout : process.stderr).write(text);
  process.exitCode = code;
}

function version() {
  return JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;
}

function start() {
  if (Number(process.versions.node.split('.')[0]) < NEEDED) {
    const advice = 'Run "npm ci" and start it with "npm start": a Node that fits comes with the packages.';
    leave('Callbook needs Node ' + NEEDED + ' or newer; this is ' + process.version + '. ' + advice + '\n', 3);
    return;
  }
  if (module.enableCompileCache) module.enableCompileCache();
  import('./main.ts')
    .then((program) => program.main())
    .catch((error) => {
      const isWrongUse = error instanceof Error && error.name === 'ConfigError';
      leave((error instanceof Error ? error.message : String(error)) + '\n', isWrongUse ? 2 : 3);
    });
}

const command = process.argv[2];
if (command === 'start') start();
else if (command === '--help' || command === '-h') leave(HELP, 0);
else if (command === '--version' || command === '-v') leave(version() + '\n', 0);
else leave((command ? 'There is no command "' + command + '".\n\n' : '') + HELP, 2);
