import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { contentSecurityPolicy, fixedHeaders } from './middleware/security-headers.ts';

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
 * A server that slow, greedy and curious clients cannot hold up. TRACE is refused with 405 and more than 100 headers
 * with 431, before `listener` sees the request.
 */
export function createHttpServer(listener: RequestListener, { publicUrl, behindProxy = false, limits }: Parts): Server {
  const keepAliveTimeout = behindProxy ? KEEP_ALIVE_BEHIND_PROXY_MS : HTTP_LIMITS.keepAliveTimeout;
  const refusalHeaders = {
    ...fixedHeaders(publicUrl),
    'Content-Security-Policy': contentSecurityPolicy(null),
    'Content-Length': 0,
    Connection: 'close',
  };

  const server = createServer({ ...HTTP_LIMITS, keepAliveTimeout, ...limits }, (request, response) => {
    const status = request.rawHeaders.length > 2 * MAX_HEADERS ? 431 : request.method === 'TRACE' ? 405 : null;
    if (status === null) listener(request, response);
    else response.writeHead(status, { ...refusalHeaders, ...(status === 405 && { Allow: 'GET, HEAD, POST' }) }).end();
  });
  // Node drops the headers beyond this number without a word; one more than allowed shows that there were too many.
  server.maxHeadersCount = MAX_HEADERS + 1;
  server.maxConnections = MAX_CONNECTIONS;
  server.maxRequestsPerSocket = MAX_REQUESTS_PER_SOCKET;
  return server;
}
