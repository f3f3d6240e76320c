import { pino, type DestinationStream } from 'pino';
import { prettyFactory } from 'pino-pretty';

const STDOUT = 1;
/** Lines that wait for a log nobody reads; more are dropped, so that requests go on. */
const WAITING_BYTES = 4 * 2 ** 20;

/** What the app needs of a logger: facts first, then a sentence. Facts are masked by name before they are written. */
export interface Logger {
  debug(facts: object, sentence: string): void;
  info(facts: object, sentence: string): void;
  warn(facts: object, sentence: string): void;
  error(facts: object, sentence: string): void;
}

/** Takes secrets out of any text; see `secrets/`. */
export type MaskText = (text: string) => string;

/** Takes secrets out of a line's facts, by name and by shape; gives a copy. See `secrets/`. */
export type MaskFacts = (facts: object) => Readonly<Record<string, unknown>>;

interface Parts {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  readonly format: 'pretty' | 'json';
  readonly maskFacts: MaskFacts;
  /** Takes finished lines; standard output unless told otherwise. */
  readonly destination?: DestinationStream;
}

/** A logger that writes one line a call, JSON or for people. Errors are told by name, code, message, stack and cause only. */
export function createLogger({ level, format, maskFacts, destination }: Parts): Logger {
  const out = destination ?? pino.destination({ dest: STDOUT, sync: false, maxLength: WAITING_BYTES });
  const stream = format === 'pretty' ? forPeople(out, !destination) : out;
  const sink = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, stream);

  const writer = (at: 'debug' | 'info' | 'warn' | 'error') => (facts: object, sentence: string) => {
    if (sink.isLevelEnabled(at)) sink[at](maskFacts(plain(facts)), sentence);
  };
  return { debug: writer('debug'), info: writer('info'), warn: writer('warn'), error: writer('error') };
}

function forPeople(out: DestinationStream, colorize: boolean): DestinationStream {
  const pretty = prettyFactory({ colorize });
  return { write: (line) => out.write(pretty(line)) };
}

/** Facts whose errors are plain data: what else hangs on an error may hold a request with its token. */
function plain(facts: object): object {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [name, Error.isError(value) ? errorFacts(value) : value]),
  );
}

function errorFacts(error: Error, depth = 0): object {
  const { name, message, stack, cause } = error;
  const code = 'code' in error ? error.code : undefined;
  return {
    name,
    ...(typeof code === 'string' && { code }),
    message,
    frames: framesOf(stack),
    ...(Error.isError(cause) && depth < 3 && { cause: errorFacts(cause, depth + 1) }),
  };
}

/** Where it was thrown, one frame a line; the stack's first lines are the name and the message once more. */
function framesOf(stack = ''): string[] {
  return stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .map((line) => line.trim());
}
