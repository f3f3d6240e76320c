import { text } from 'node:stream/consumers';
import { StringDecoder } from 'node:string_decoder';
import { Cancelled, WrongUse } from './refusal.ts';
import type { Terminal } from './terminal.ts';
import type { Input } from './world.ts';

// eslint-disable-next-line no-control-regex -- it is these that are looked for
const OTHER_KEYS = /\u001b(?:\[[\d;]*[A-Za-z~]|O[A-Z]|)/g;

/** A new password: the whole of standard input but its last line break, or asked for twice and never shown. */
export async function readPassword(terminal: Terminal, fromStdin: boolean): Promise<string> {
  const { stdin, stderr } = terminal.world;
  if (fromStdin) return (await text(stdin)).replace(/\r?\n$/, '');
  if (!stdin.isTTY) throw new WrongUse('Give the password on standard input: --password-stdin.');
  const keys = new Keys(stdin);
  try {
    const [first, second] = [await asked('Password: '), await asked('Once more: ')];
    if (first !== second) throw new WrongUse('The two differ. Nothing was changed.');
    return first;
  } finally {
    await keys.end();
  }

  async function asked(question: string): Promise<string> {
    stderr.write(question);
    const line = await keys.line();
    stderr.write('\n');
    return line;
  }
}

/** What is typed, unseen. */
class Keys {
  readonly #stdin: Input;
  readonly #decoder = new StringDecoder('utf8');
  readonly #pieces: AsyncIterator<Buffer, undefined>;
  #waiting: string[] = [];

  constructor(stdin: Input) {
    this.#stdin = stdin;
    stdin.setRawMode?.(true);
    this.#pieces = stdin.iterator({ destroyOnReturn: false });
  }

  async end(): Promise<void> {
    await this.#pieces.return?.();
    this.#stdin.setRawMode?.(false);
    this.#stdin.pause();
  }

  /** What is typed up to the line's end. Throws `Cancelled`. */
  async line(): Promise<string> {
    const typed: string[] = [];
    for (;;) {
      const key = await this.#next();
      if (key === '\r' || key === '\n') return typed.join('');
      if (key === '\u0003' || key === '\u0004') throw new Cancelled();
      if (key === '\u007f' || key === '\b') typed.pop();
      else if (key === '\u0015') typed.length = 0;
      else typed.push(key);
    }
  }

  async #next(): Promise<string> {
    while (this.#waiting.length === 0) {
      const { value, done } = await this.#pieces.next();
      if (done) throw new Cancelled();
      // An arrow or another such key is no part of a password.
      this.#waiting.push(...this.#decoder.write(value).replaceAll(OTHER_KEYS, ''));
    }
    return this.#waiting.shift() ?? '';
  }
}
