import type { ServerResponse } from 'node:http';

/** An answer written by hand. A string goes out as it is; anything else as JSON. */
export interface ScriptedAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/**
 * What goes wrong with one request. `reset`, `silence`: the request is read, nothing is done, and the connection is cut or
 * left open. `cut`: it is done, and half of the answer arrives. The `rotate-then-…` ones: it is done, and no answer comes.
 * `amend`: it is done, and these fields of the JSON answer are replaced (undefined takes one out).
 */
export type Fault =
  | ScriptedAnswer
  | 'reset'
  | 'silence'
  | 'cut'
  | 'rotate-then-reset'
  | 'rotate-then-silence'
  | { readonly amend: Readonly<Record<string, unknown>> }
  | { readonly delayMs: number; readonly then?: Fault }
  | Hold;

/** Stops one request where it is: before the work (`at: 'request'`) or after it (`at: 'answer'`). */
export interface Hold {
  readonly at: 'request' | 'answer';
  readonly arrived: () => void;
  readonly released: Promise<void>;
  readonly sent: () => void;
}

/** Both ends of a `Hold`: wait until the request has come to it, let it go on, and wait until its answer is on the way. */
export interface Holding {
  readonly fault: Hold;
  readonly reached: Promise<void>;
  readonly sent: Promise<void>;
  release(): void;
}

/** Makes a hold; give its `fault` to `next()`. */
export function hold(at: Hold['at']): Holding {
  const arrival = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const departure = Promise.withResolvers<void>();
  return {
    fault: { at, arrived: arrival.resolve, released: release.promise, sent: departure.resolve },
    reached: arrival.promise,
    sent: departure.promise,
    release: release.resolve,
  };
}

/** Runs `work` under a fault and writes what the fault leaves of its answer. */
export async function answerUnder(
  fault: Fault | undefined,
  response: ServerResponse,
  work: () => ScriptedAnswer,
): Promise<void> {
  if (fault === undefined) return write(response, work());
  if (typeof fault === 'string') return breakDown(fault, response, work);
  if ('status' in fault) return write(response, fault);
  if ('amend' in fault) return write(response, amended(work(), fault.amend));
  if ('delayMs' in fault) {
    await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
    return answerUnder(fault.then, response, work);
  }
  return held(fault, response, work);
}

async function held({ at, arrived, released, sent }: Hold, response: ServerResponse, work: () => ScriptedAnswer) {
  const done = at === 'answer' ? work() : undefined;
  arrived();
  await released;
  response.once('finish', sent);
  write(response, done ?? work());
}

function breakDown(fault: Extract<Fault, string>, response: ServerResponse, work: () => ScriptedAnswer): void {
  if (fault === 'silence') return;
  if (fault === 'reset') return void response.socket?.resetAndDestroy();
  const answer = work();
  if (fault === 'rotate-then-silence') return;
  if (fault === 'rotate-then-reset') return void response.socket?.resetAndDestroy();
  const { head, bytes } = rendered(answer);
  response.writeHead(answer.status, head);
  response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.socket?.destroy());
}

function amended(answer: ScriptedAnswer, fields: Readonly<Record<string, unknown>>): ScriptedAnswer {
  return { ...answer, body: { ...(answer.body as object), ...fields } };
}

function write(response: ServerResponse, answer: ScriptedAnswer): void {
  const { head, bytes } = rendered(answer);
  response.writeHead(answer.status, head).end(bytes);
}

function rendered({ headers = {}, body }: ScriptedAnswer): { head: Record<string, string>; bytes: Buffer } {
  const isRaw = body === undefined || typeof body === 'string' || Buffer.isBuffer(body);
  const bytes = isRaw ? Buffer.from(body ?? '') : Buffer.from(JSON.stringify(body));
  const head: Record<string, string> = isRaw ? {} : { 'content-type': 'application/json' };
  head['content-length'] = String(bytes.length);
  for (const [name, value] of Object.entries(headers)) head[name.toLowerCase()] = value;
  return { head, bytes };
}
