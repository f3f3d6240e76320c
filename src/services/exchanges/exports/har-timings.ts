import type { Timings } from '../../../kernel/exchange.ts';

/** HAR's word for a phase that did not happen or was not measured. */
const UNKNOWN = -1;

/** Phases in milliseconds (HAR 1.2, *timings*): `connect` holds `ssl`; `send`, `wait` and `receive` are never left open. */
export function harTimings(timings: Timings | null) {
  const { wait, dns, connect, tls, send, firstByte, receive } = timings ?? NOTHING;
  return {
    blocked: wait ?? UNKNOWN,
    dns: dns ?? UNKNOWN,
    connect: connect === null ? UNKNOWN : connect + (tls ?? 0),
    ssl: tls ?? UNKNOWN,
    send: send ?? 0,
    wait: firstByte ?? 0,
    receive: receive ?? 0,
  };
}

const NOTHING: Timings = {
  wait: null,
  dns: null,
  connect: null,
  tls: null,
  send: null,
  firstByte: null,
  receive: null,
  total: 0,
};
