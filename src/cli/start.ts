import type { Terminal } from './terminal/terminal.ts';
import type { Verb } from './terminal/verb.ts';

/** `callbook start`: listens and serves until told to stop. */
export function startCommand(program: Verb, _terminal: Terminal): void {
  program
    .command('start')
    .saying({
      summary: 'Listen and serve until told to stop',
      more: 'Migrates the database first. SIGTERM lets calls under way finish; a second one ends at once.',
      examples: ['callbook start', 'PORT=8080 callbook start'],
    })
    .action(async () => {
      const { main } = await import('../main.ts');
      await main();
    });
}
