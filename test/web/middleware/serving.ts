import { once } from 'node:events';
import { request, type IncomingHttpHeaders, type IncomingMessage, type RequestListener } from 'node:http';
import { text } from 'node:stream/consumers';
import Koa, { type Context, type Middleware } from 'koa';
import { systemClock } from '../../../src/kernel/clock.ts';
import { idsBy, systemRandom } from '../../../src/kernel/ids.ts';
import type { Logger } from '../../../src/kernel/logger.ts';
import { createHttpServer } from '../../../src/web/http-server.ts';
import { requestId } from '../../../src/web/middleware/request-id.ts';
import { securityHeaders } from '../../../src/web/middleware/security-headers.ts';
import { problemDetails, type Problem } from '../../../src/web/problem-details.ts';

/** An answer, read to its end. */
export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

interface Asking {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Buffer;
}

/** A real server with our first middleware around what a test puts in. */
export interface Served extends AsyncDisposable {
  readonly origin: string;
  readonly port: number;
  /** What was written to the log, as `[level, facts, sentence]`. */
  readonly lines: (readonly [string, Readonly<Record<string, unknown>>, string])[];
  ask(path: string, asking?: Asking): Promise<Reply>;
}

/** What a test's middleware may need to know of the server it runs in. */
export interface Surroundings {
  readonly origin: string;
  readonly logger: Logger;
}

/** Serves `build`'s middleware on a port of its own; `publicUrl` is the server's own origin unless given. */
export async function serve(
  build: (surroundings: Surroundings) => readonly Middleware[],
  publicUrl?: string,
): Promise<Served> {
  let listener: RequestListener = () => undefined;
  const server = createHttpServer((incoming, answer) => listener(incoming, answer), {
    publicUrl: publicUrl ?? 'http://127.0.0.1',
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server listens on no port.');
  const { port } = address;
  const origin = `http://127.0.0.1:${port}`;

  const lines: (readonly [string, Readonly<Record<string, unknown>>, string])[] = [];
  const line = (level: string) => (facts: object, sentence: string) => void lines.push([level, { ...facts }, sentence]);
  const logger: Logger = { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
  const app = new Koa();
  app.on('error', (error: unknown) => line('koa')({ error }, 'Koa reports an error.'));
  app.use(requestId({ newId: idsBy(systemClock) }));
  app.use(securityHeaders({ publicUrl: publicUrl ?? origin, random: systemRandom }));
  app.use(problemDetails({ logger, renderPage: problemAsPage }));
  for (const middleware of build({ origin: publicUrl ?? origin, logger })) app.use(middleware);
  const listening = app.callback();
  listener = (incoming, answer) => void listening(incoming, answer);

  return {
    origin,
    port,
    lines,
    ask: (path, asking) => ask(port, path, asking),
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Sends exactly the headers given, and those HTTP cannot do without. */
export async function ask(
  port: number,
  path: string,
  { method = 'GET', headers = {}, body }: Asking = {},
): Promise<Reply> {
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const outgoing = request({ port, path, method, host: '127.0.0.1', agent: false, headers: { ...length, ...headers } });
  outgoing.end(body);
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  return { status: answer.statusCode ?? 0, headers: answer.headers, text: await text(answer) };
}

function problemAsPage(ctx: Context, problem: Problem): void {
  ctx.body = `<h1>${problem.title}</h1><p>${problem.detail}</p><p>${problem.id ?? ''}</p>`;
  ctx.type = 'html';
}
