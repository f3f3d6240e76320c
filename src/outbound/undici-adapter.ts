import { AsyncLocalStorage } from 'node:async_hooks';
import type { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { type AxiosResponse, AxiosHeaders, type InternalAxiosRequestConfig } from 'axios';
import { Agent, Pool } from 'undici';
import { type ConnectorParts, TrackedClient } from './connector.ts';
import { portOf } from './egress-policy.ts';
import type { HopRequest, HopResult } from './hop.ts';
import { HopWatcher } from './hop-watcher.ts';
import { TlsAgents } from './tls-agents.ts';

/** Connections outlive the call that opened them: they are opened in nobody's context and hold no scope alive. */
const inNoScope = AsyncLocalStorage.snapshot();

const MAX_HEADER_BYTES = 64 * 1024;
const MAX_KEEP_ALIVE_MS = 60_000;

declare module 'axios' {
  interface AxiosRequestConfig {
    /** The request for our adapter; axios' own fields hold a header once and invent some, so they stay empty. */
    hop?: HopRequest;
  }
}

/** An axios adapter over undici's pools, and the end of the pools. */
export interface UndiciAdapter {
  readonly adapt: (config: InternalAxiosRequestConfig) => Promise<AxiosResponse<HopResult>>;
  /** Closes every connection that is idle and every other one when it becomes so. */
  close(): Promise<void>;
}

/** Makes the adapter. It never rejects for what the network or the API did; that is in the `HopResult`. */
export function undiciAdapter(parts: Omit<ConnectorParts, 'handshake'>): UndiciAdapter {
  const agents = new TlsAgents({ make: (handshake) => agentOf({ ...parts, handshake }) });

  async function exchange(hop: HopRequest): Promise<HopResult> {
    const port = portOf(hop.url);
    const watcher = new HopWatcher(hop, ({ socket }) =>
      // Judged again, because the policy may have learnt of a port since this connection was opened.
      parts.egress.allowsAddress(hop.url.hostname, port, socket?.remoteAddress ?? ''),
    );
    const { method, url, target } = hop;
    // undici takes async iterables, which its types do not know.
    const body = hop.body as Uint8Array | Readable | null;
    const options = { origin: url.origin, path: target, method, headers: hop.givenHeaders.flat(), body };
    inNoScope(() => agents.of(hop.identity).dispatch(options, watcher));
    const result = await watcher.result;
    // undici takes a connection back one turn after the answer's end; a call that came sooner would open another one.
    await setImmediate();
    return result;
  }

  return {
    async adapt(config) {
      const data = await exchange(config.hop!);
      return { data, status: 200, statusText: '', headers: new AxiosHeaders(), config };
    },
    close: () => agents.close(),
  };
}

function agentOf(parts: ConnectorParts): Agent {
  return new Agent({
    allowH2: false,
    // The call's own deadline bounds these.
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: MAX_HEADER_BYTES,
    keepAliveMaxTimeout: MAX_KEEP_ALIVE_MS,
    factory: (origin, options) =>
      new Pool(origin, {
        ...options,
        factory: (clientOrigin, clientOptions) => new TrackedClient(clientOrigin, clientOptions, parts),
      }),
  });
}
