#!/usr/bin/env node
// Plain JavaScript that old versions of Node can read, so that they can say what is missing instead of a syntax error.
import * as module from 'module';

const NEEDED = 24;

if (Number(process.versions.node.split('.')[0]) < NEEDED) {
  const advice = 'One that fits comes with the packages: run "npm ci", then "npm start" or "npx callbook".';
  leave(3, 'Callbook needs Node ' + NEEDED + ' or newer; this is ' + process.version + '. ' + advice);
} else {
  if (module.enableCompileCache) module.enableCompileCache();
  process.stdout.on('error', (error) => {
    // A reader that has seen enough, such as head, is no fault.
    if (error.code === 'EPIPE') return;
    leave(3, 'The output cannot be written (' + error.code + ').');
    process.exit();
  });
  import('./cli/run-command.ts')
    .then(({ runCommand }) => runCommand(process.argv.slice(2), process))
    .then(
      (code) => leave(code),
      (error) => leave(3, String(error)),
    );
}

/** @param {number} code @param {string} [line] */
function leave(code, line) {
  if (line) process.stderr.write(line + '\n');
  process.exitCode = code;
}
