import { type Config, loadConfig } from '../../config.ts';
import type { World } from './world.ts';

/** What a command ends with: done, the answer is no, it was used wrongly, it is not possible now. */
export const EXIT = { done: 0, no: 1, wrongUse: 2, notNow: 3 } as const;

/** Where a command speaks: results to standard output, everything else to standard error. */
export class Terminal {
  readonly world: World;
  /** What the process will end with. */
  exitCode: number = EXIT.done;

  constructor(world: World) {
    this.world = world;
  }

  /** The settings. Throws `ConfigError`. */
  config(): Config {
    return loadConfig(this.world.env, this.isForPeople);
  }

  /** True where a person reads what is told. */
  get isForPeople(): boolean {
    return Boolean(this.world.stderr.isTTY);
  }

  /** Writes a result as it is; resolves when it is written, or when nobody reads any more. */
  async write(result: string | Uint8Array): Promise<void> {
    if (result.length > 0) await new Promise<void>((resolve) => this.world.stdout.write(result, () => resolve()));
  }

  /** Writes a line of the result. */
  print(line: string): Promise<void> {
    return this.write(`${line}\n`);
  }

  /** Writes a result for programs. */
  printJson(value: unknown): Promise<void> {
    return this.print(JSON.stringify(value, null, 2));
  }

  /** Says something besides the result. */
  tell(line: string): void {
    this.world.stderr.write(`${line}\n`);
  }
}
