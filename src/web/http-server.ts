import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import { contentSecurityPolicy, fixedHeaders } from './middleware/security-headers.ts';
import { PROBLEM_KINDS } from './problem-kinds.ts';

const MAX_HEADERS = 100;
const MAX_CONNECTIONS = 2_000;
const MAX_REQUESTS_PER_SOCKET = 1_000;

/** How long a client may take, in milliseconds, and how much its headers may hold, in bytes. */
export const HTTP_LIMITS = {
  headersTimeout: 15_000,
  requestTimeout: 300_000,
  connectionsCheckingInterval: 5_000,
  keepAliveTimeout: 5_000,
  maxHeaderSize: 16 * 1024,
  noDelay: true,
} as const satisfies ServerOptions;

const KEEP_ALIVE_BEHIND_PROXY_MS = 65_000;

interface Parts {
  readonly publicUrl: string;
  /** A proxy in front keeps its connections longer than browsers do. */
  readonly behindProxy?: boolean;
  /** Other times than `HTTP_LIMITS`, for tests. */
  readonly limits?: Partial<ServerOptions>;
}

/**
 * A server that slow, greedy and curious clients cannot hold up. TRACE and CONNECT are refused with 405 and more than 100
 * headers with 431, before `listener` sees the request.
 */
export function createHttpServer(listener: RequestListener, { publicUrl, behindProxy = false, limits }: Parts): Server {
  const keepAliveTimeout = behindProxy ? KEEP_ALIVE_BEHIND_PROXY_MS : HTTP_LIMITS.keepAliveTimeout;
  const refusalHeaders = {
    ...fixedHeaders(publicUrl),
    'Content-Security-Policy': contentSecurityPolicy(null),
    Connection: 'close',
  };
  const refuseMethod = (request: IncomingMessage, response: ServerResponse): void => {
    const problem = JSON.stringify(methodProblem(request));
    const length = Buffer.byteLength(problem);
    const kind = { 'Content-Type': 'application/problem+json', 'Callbook-Problem': 'method-not-allowed' };
    const headers = { ...refusalHeaders, ...kind, Allow: 'GET, HEAD, POST', 'Content-Length': length };
    response.writeHead(405, headers).end(problem);
  };

  const server = createServer({ ...HTTP_LIMITS, keepAliveTimeout, ...limits }, (request, response) => {
    if (request.rawHeaders.length > 2 * MAX_HEADERS)
      response.writeHead(431, { ...refusalHeaders, 'Content-Length': 0 }).end();
    else if (request.method === 'TRACE') refuseMethod(request, response);
    else listener(request, response);
  });
  // Node hands over the bare connection, for a tunnel that is never dug.
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    const response = new ServerResponse(request);
    socket.on('error', () => socket.destroy());
    response.once('finish', () => socket.end());
    response.assignSocket(socket);
    refuseMethod(request, response);
  });
  // Node drops the headers beyond this number without a word; one more than allowed shows that there were too many.
  server.maxHeadersCount = MAX_HEADERS + 1;
  server.maxConnections = MAX_CONNECTIONS;
  server.maxRequestsPerSocket = MAX_REQUESTS_PER_SOCKET;
  return server;
}

function methodProblem({ method = '', url = '' }: IncomingMessage): object {
  const { status, title } = PROBLEM_KINDS['method-not-allowed'];
  const [instance] = url.split('?', 1);
  return { type: '/problems/method-not-allowed', title, status, detail: `${method} is not taken here.`, instance };
}
