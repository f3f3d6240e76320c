import { Axios } from 'axios';
import type { Clock } from '../kernel/clock.ts';
import type { CallResult } from '../kernel/exchange.ts';
import type { Logger } from '../kernel/logger.ts';
import type { OutboundCall, RefuseIfInTransaction, Send } from '../kernel/outbound.ts';
import { CallGate } from './call-gate.ts';
import { type Resolve, systemResolve } from './connector.ts';
import type { EgressPolicy } from './egress-policy.ts';
import { Fault } from './fault.ts';
import { type Exchange, Flight } from './flight.ts';
import type { HopResult } from './hop.ts';
import { type UndiciAdapter, undiciAdapter } from './undici-adapter.ts';

interface Parts {
  readonly clock: Clock;
  readonly egress: EgressPolicy;
  readonly logger: Logger;
  readonly refuseIfInTransaction: RefuseIfInTransaction;
  /** Calls in flight at once, calls in line besides, and milliseconds for a connection to come about. */
  readonly limits: { readonly width: number; readonly line: number; readonly connectMs: number };
  /** The system's resolver unless given. */
  readonly resolve?: Resolve;
}

/** Sends calls and hands back data; what it returns holds no connection, no session and no library's object. */
export interface ApiClient {
  readonly send: Send;
  /** Takes no more calls, waits for those under way and closes the connections. */
  close(): Promise<void>;
  /** Calls under way, those in line included. */
  inFlight(): number;
  /** Ends every call under way as `failed`, `aborted`. */
  abortAll(): void;
}

/** Makes the one client of the app; see `Send` for what a call gives and throws. */
export function createApiClient(parts: Parts): ApiClient {
  const adapter = undiciAdapter({
    egress: parts.egress,
    resolve: parts.resolve ?? systemResolve,
    connectMs: parts.limits.connectMs,
  });
  const http = frozenAxios(adapter.adapt);
  const exchange: Exchange = async (hop) => (await http.request<HopResult>({ hop })).data;
  const gate = new CallGate(parts.limits);
  const underway = new Map<AbortController, Promise<CallResult>>();
  let isClosed = false;

  async function send(call: OutboundCall): Promise<CallResult> {
    parts.refuseIfInTransaction();
    const stop = new AbortController();
    if (isClosed) stop.abort(abortedFault());
    const flight = new Flight(call, { ...parts, gate, exchange, stop }).fly();
    underway.set(stop, flight);
    try {
      return await flight;
    } finally {
      underway.delete(stop);
    }
  }

  return {
    send,
    inFlight: () => underway.size,
    abortAll() {
      for (const stop of underway.keys()) stop.abort(abortedFault());
    },
    async close() {
      isClosed = true;
      await Promise.allSettled(underway.values());
      await adapter.close();
    },
  };
}

/** axios without its defaults: our adapter, no proxies of the environment, no redirects, no transformation, no headers. */
function frozenAxios(adapter: UndiciAdapter['adapt']): Axios {
  const http = new Axios({
    adapter,
    proxy: false,
    maxRedirects: 0,
    validateStatus: () => true,
    transformRequest: [],
    transformResponse: [],
    allowAbsoluteUrls: false,
  });
  Object.freeze(http.defaults);
  return Object.freeze(http);
}

function abortedFault(): Fault {
  return new Fault('aborted', 'The call was cancelled.');
}
