import { openingParts } from './with-workings.ts';
import type { Terminal } from './terminal/terminal.ts';
import type { Verb } from './terminal/verb.ts';

/** `callbook migrate`: the version of the database. */
export function migrateCommand(program: Verb, terminal: Terminal): void {
  const migrate = program.command('migrate').saying({
    summary: 'Bring the database up to date, or say how it stands',
    more: '"callbook start" does this by itself.',
    examples: ['callbook migrate status', 'callbook migrate up'],
  });

  migrate
    .command('up')
    .saying({
      summary: 'Apply what is pending',
      more: 'A new database is made. Refused while another process of Callbook uses the database.',
      examples: ['callbook migrate up'],
    })
    .option('--json', 'print {"applied": [names]}')
    .action(async ({ json }: { json?: true }) => {
      const { migrateData } = await import('../opening.ts');
      const applied = await migrateData(await openingParts(terminal));
      if (json) return terminal.printJson({ applied });
      await terminal.print(applied.map((name) => `Applied ${name}.`).join('\n') || 'The database is up to date.');
    });

  migrate
    .command('status')
    .saying({
      summary: 'Say which migrations are applied and which are pending',
      more: 'Changes nothing and makes no file.',
      examples: ['callbook migrate status', 'callbook migrate status --json'],
    })
    .option('--json', 'print {"applied": [names], "pending": [names]}')
    .action(({ json }: { json?: true }) => showStatus(terminal, json === true));
}

async function showStatus(terminal: Terminal, asJson: boolean): Promise<void> {
  const { databaseFile } = terminal.config();
  const { inspectOurs } = await import('../opening.ts');
  const { state, applied, pending } = await inspectOurs(databaseFile);
  if (asJson) return terminal.printJson({ applied, pending });
  const lines = [...applied.map((name) => `applied  ${name}`), ...pending.map((name) => `pending  ${name}`)];
  await terminal.print(lines.join('\n'));
  if (state === 'missing') terminal.tell(`There is no database at ${databaseFile} yet.`);
  else if (pending.length > 0) terminal.tell('Stop Callbook and run "callbook migrate up".');
}
