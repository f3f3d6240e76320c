import { CommanderError } from 'commander';
import { createProgram } from './program.ts';
import { exitCodeOf, sentenceOf } from './terminal/refusal.ts';
import { EXIT, Terminal } from './terminal/terminal.ts';
import type { World } from './terminal/world.ts';

/** Runs the command that `args` (without program and script) spell; gives the exit code and never throws. */
export async function runCommand(args: readonly string[], world: World): Promise<number> {
  const terminal = new Terminal(world);
  try {
    await createProgram(terminal).parseAsync(spelled(args), { from: 'user' });
    return terminal.exitCode;
  } catch (error) {
    // Help was printed: asked for, or instead of a command that was left out.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.wrongUse;
    terminal.tell(sentenceOf(error));
    return exitCodeOf(error);
  }
}

/** `help keys create` is `keys create --help`; the library's own help goes one name deep. */
function spelled(args: readonly string[]): string[] {
  const [first, ...names] = args;
  return first === 'help' && names.length > 1 ? [...names, '--help'] : [...args];
}
