const DONE = 0;
const WRONG_USE = 2;

/** What `parseArgs` gives of a run that is started by hand. */
interface Given {
  readonly help?: boolean | undefined;
  readonly only?: string | undefined;
}

interface Taking<T extends Given> {
  /** How the run is started, in a few lines. */
  readonly usage: string;
  readonly parse: () => T;
  /** What may stand in `--only`. */
  readonly names: readonly string[];
  /** Options that are a number above zero. */
  readonly numbers: readonly (keyof T & string)[];
}

/**
 * Reads the options of a run that is started by hand. Ends the process with 0 where help is asked for, and with 2 where an
 * option or a name cannot be taken; both say how the run is started.
 */
export function runOptions<T extends Given>({ usage, parse, names, numbers }: Taking<T>): T {
  const values = parsed(usage, parse);
  if (values.help) return end(DONE, usage);
  const unknown = values.only?.split(',').filter((name) => !names.includes(name)) ?? [];
  if (unknown.length > 0)
    return end(WRONG_USE, `--only: there is no ${unknown.join(', ')}. There are ${names.join(', ')}.\n${usage}`);
  const wrong = numbers.find((name) => !(Number(values[name]) > 0));
  return wrong === undefined ? values : end(WRONG_USE, `--${wrong}: write a number above zero.\n${usage}`);
}

function parsed<T>(usage: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return end(WRONG_USE, `${error.message}\n${usage}`);
  }
}

function end(code: number, text: string): never {
  (code === DONE ? process.stdout : process.stderr).write(`${text}\n`);
  process.exit(code);
}
