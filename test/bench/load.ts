import { Readable } from 'node:stream';
import { Pool } from 'undici';
import { answerMessages } from './child.ts';

/** What to send, how wide, and for how long or how often. */
export interface Load {
  readonly origin: string;
  readonly path: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly width: number;
  /** The only status that is no failure. */
  readonly status: number;
  readonly seconds?: number;
  readonly requests?: number;
  /** Keep the connections of the load before this one. */
  readonly keepsPool?: boolean;
}

/** What came of it. Milliseconds. */
export interface LoadResult {
  readonly requests: number;
  readonly failures: number;
  readonly elapsedMs: number;
  readonly p50: number;
  readonly p99: number;
  /** How often each status came; 0 stands for no answer. */
  readonly statuses: Readonly<Record<string, number>>;
}

/** One large body: so many bytes sent, and so many that have to come back. */
export interface Transfer {
  readonly origin: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytesUp: number;
  readonly bytesDown: number;
}

const BLOCK = Buffer.from(Array.from({ length: 64 * 1024 }, (_, at) => at % 251));

let pool: Pool | undefined;

answerMessages((wanted: Load | Transfer) => ('bytesUp' in wanted ? transfer(wanted) : run(wanted)));

async function run(load: Load): Promise<LoadResult> {
  if (!load.keepsPool || !pool) {
    await pool?.destroy();
    pool = new Pool(load.origin, { connections: load.width, pipelining: 1 });
  }
  const from = pool;
  const times: number[] = [];
  const statuses: Record<string, number> = {};
  const start = performance.now();
  const until = load.seconds === undefined ? Infinity : start + load.seconds * 1000;
  let left = load.requests ?? Infinity;
  const lane = async () => {
    while (left > 0 && performance.now() < until) {
      left -= 1;
      const sent = performance.now();
      const status = await once(from, load);
      times.push(performance.now() - sent);
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: load.width }, lane));
  const elapsedMs = performance.now() - start;
  times.sort((one, other) => one - other);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  const failures = times.length - (statuses[load.status] ?? 0);
  return { requests: times.length, failures, elapsedMs, p50: at(0.5), p99: at(0.99), statuses };
}

async function once(from: Pool, { path, method, headers, body }: Load): Promise<number> {
  try {
    const reply = await from.request({ path, method, headers, body });
    await reply.body.dump({ limit: 16 * 1024 * 1024 });
    return reply.statusCode;
  } catch {
    return 0;
  }
}

async function transfer({
  origin,
  path,
  headers,
  bytesUp,
  bytesDown,
}: Transfer): Promise<{ readonly elapsedMs: number }> {
  const from = new Pool(origin);
  const start = performance.now();
  const upload = bytesUp > 0 ? { 'content-length': String(bytesUp), 'content-type': 'application/octet-stream' } : {};
  const reply = await from.request({
    path,
    method: bytesUp > 0 ? 'POST' : 'GET',
    headers: { ...headers, ...upload },
    body: bytesUp > 0 ? Readable.from(blocks(bytesUp)) : null,
  });
  let bytes = 0;
  for await (const chunk of reply.body as AsyncIterable<Buffer>) bytes += chunk.length;
  const elapsedMs = performance.now() - start;
  await from.close();
  if (reply.statusCode >= 300 || bytes < bytesDown)
    throw new Error(`${path} answered ${reply.statusCode} and ${bytes} bytes.`);
  return { elapsedMs };
}

function* blocks(bytes: number): Generator<Buffer> {
  for (let left = bytes; left > 0; left -= BLOCK.length) yield BLOCK.subarray(0, Math.min(left, BLOCK.length));
}
