import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { backupCommands } from './backups.ts';
import { callCommand } from './call.ts';
import { connectionsCommand } from './connections.ts';
import { doctorCommand } from './doctor.ts';
import { historyFileCommands } from './history-files.ts';
import { keysCommand } from './keys.ts';
import { migrateCommand } from './migrate.ts';
import { rotateKeyCommand } from './rotate-key.ts';
import { startCommand } from './start.ts';
import type { Terminal } from './terminal/terminal.ts';
import { Verb } from './terminal/verb.ts';
import { usersCommand } from './users.ts';
import { workspacesCommand } from './workspaces.ts';

const COMMANDS = [
  startCommand,
  callCommand,
  connectionsCommand,
  historyFileCommands,
  keysCommand,
  usersCommand,
  workspacesCommand,
  migrateCommand,
  backupCommands,
  rotateKeyCommand,
  doctorCommand,
];

/** Every command there is, in the order the help lists them. */
export function createProgram(terminal: Terminal): Verb {
  const program = new Verb('callbook');
  program
    .saying({
      summary: 'Calls to token-protected HTTP APIs, each with a fresh token and on record',
      more: 'Settings are environment variables; README.md lists them. Commands may run while Callbook does.',
      examples: ['callbook start', 'callbook call partner GET /orders', 'callbook keys create --help'],
    })
    .version(versionOf(), '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print this')
    .helpCommand('help [command]', 'Print the help of a command')
    .exitOverride()
    .configureHelp({ subcommandTerm: termOf })
    .configureOutput({
      writeOut: (text) => void terminal.world.stdout.write(text),
      writeErr: (text) => void terminal.world.stderr.write(text),
      getOutHelpWidth: () => terminal.world.stdout.columns ?? 100,
      getErrHelpWidth: () => terminal.world.stderr.columns ?? 100,
    });
  for (const add of COMMANDS) add(program, terminal);
  return program;
}

/** A command in the list: with its own commands, or with its arguments. */
function termOf(command: Command): string {
  const own = command.commands.map((one) => one.name()).join('|');
  return `${command.name()} ${own || command.usage().replace(/^\[options\] ?/, '')}`;
}

function versionOf(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return version;
}
