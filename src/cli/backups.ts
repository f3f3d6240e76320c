import { systemClock } from '../kernel/clock.ts';
import { sizeOf } from './terminal/measures.ts';
import type { Terminal } from './terminal/terminal.ts';
import type { Verb } from './terminal/verb.ts';

const TELL_EVERY_MS = 1_000;

/** `callbook backup` and `callbook restore`. */
export function backupCommands(program: Verb, terminal: Terminal): void {
  program
    .command('backup')
    .argument('<file>', 'a new file')
    .saying({
      summary: 'Copy the database to a new file, while Callbook runs',
      more: [
        'The copy is the state of one moment, read through when it is written. Secrets in it stay sealed, and the key is',
        'not in it: keep app.key (or APP_KEY) as well, and in another place.',
      ].join(' '),
      examples: ['callbook backup /backups/callbook-monday.db'],
    })
    .option('--json', 'print {"file"}')
    .action(async (file: string, { json }: { json?: true }) => {
      const { backUp } = await import('../backups.ts');
      await backUp(terminal.config(), file, progressOf(terminal));
      if (json) return terminal.printJson({ file });
      await terminal.print(`${file} is written. It opens only with the key that is in use now.`);
    });

  program
    .command('restore')
    .argument('<file>', 'a backup')
    .saying({
      summary: 'Put a backup in the place of the database, which is kept aside',
      more: [
        'Refused while a process of Callbook lives, and for a file that is damaged, of a newer version, or sealed with a',
        'key that is not here. Refresh tokens of a backup may be spent: at the next start each is tried once at most.',
      ].join(' '),
      examples: ['callbook restore /backups/callbook-monday.db'],
    })
    .option('--json', 'print {"file", "aside"}')
    .action(async (file: string, { json }: { json?: true }) => {
      const config = terminal.config();
      const { restore } = await import('../backups.ts');
      const aside = await restore(config, file, systemClock, progressOf(terminal));
      if (json) return terminal.printJson({ file: config.databaseFile, aside });
      await terminal.print(`${config.databaseFile} is as ${file} was. Start Callbook.`);
      if (aside !== null) terminal.tell(`The database that was there is kept as ${aside}.`);
    });
}

/** Says once a second how far a copy has come. */
function progressOf(terminal: Terminal) {
  let toldAt = performance.now();
  return ({ done, total }: { readonly done: number; readonly total: number }) => {
    if (performance.now() - toldAt < TELL_EVERY_MS) return;
    toldAt = performance.now();
    terminal.tell(`${sizeOf(done)} of ${sizeOf(total)} are copied.`);
  };
}
