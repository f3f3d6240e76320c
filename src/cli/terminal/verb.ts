import { Command } from 'commander';
import { WrongUse } from './refusal.ts';

const EXITS =
  'Exit codes: 0 done, 1 the answer is no, 2 wrong use or bad settings, 3 not possible now (database, network).';

/** What the help of a command says besides its arguments and options. */
export interface Said {
  /** One line for the list of commands. */
  readonly summary: string;
  /** Sentences for its own help, after the summary. */
  readonly more?: string;
  readonly examples: readonly string[];
}

/** A command of ours: faults in its arguments are thrown, and its help has an example and the exit codes. */
export class Verb extends Command {
  override createCommand(name?: string): Verb {
    return new Verb(name);
  }

  /** Says what the command does. */
  saying({ summary, more, examples }: Said): this {
    const lines = examples.map((example) => `  ${example}`).join('\n');
    this.summary(summary).description([`${summary}.`, more].filter(Boolean).join('\n\n'));
    return this.addHelpText('after', `\nExamples:\n${lines}\n\n${EXITS}`);
  }

  /** Throws `WrongUse`. What was typed after a name is left out: it could be a secret that went to the wrong place. */
  override error(message: string): never {
    const [plain = '', hint = ''] = message.replace(/^error: /, '').split('\n');
    const safe = plain.replace(/('--?[^'=]+)=[^']*'/, "$1'").replace(/( but got \d+): .*$/s, '$1');
    const sentence = `${safe.charAt(0).toUpperCase()}${safe.slice(1).replace(/\.$/, '')}.`;
    const usage = `Usage: ${this.createHelp().commandUsage(this)}\nMore:  ${this.#fullName()} --help`;
    throw new WrongUse([sentence, hint].filter(Boolean).join(' '), usage);
  }

  #fullName(): string {
    const names = [this.name()];
    for (let one = this.parent; one; one = one.parent) names.unshift(one.name());
    return names.join(' ');
  }
}
