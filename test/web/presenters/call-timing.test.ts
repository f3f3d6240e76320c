import { describe, expect, test } from '@jest/globals';
import type { Hop, Timings } from '../../../src/kernel/exchange.ts';
import { callTiming } from '../../../src/web/presenters/call-timing.ts';
import { hopTable } from '../../../src/web/presenters/hop-table.ts';

const FRESH: Timings = { wait: 2, dns: 3, connect: 4, tls: 5, send: 1, firstByte: 20, receive: 5, total: 40 };
const REUSED: Timings = { ...FRESH, wait: null, dns: null, connect: null, tls: null, total: 26 };
const NEVER: Timings = { ...FRESH, connect: null, tls: null, send: null, firstByte: null, receive: null, total: 5 };

const hop = (timings: Timings, more: Partial<Hop> = {}): Hop => ({
  attempt: 1,
  method: 'GET',
  url: 'https://api.example/orders',
  status: 200,
  reusedConnection: false,
  timings,
  ...more,
});

describe('the timing of a call', () => {
  test.each([
    ['Reused connection: no DNS, connect or TLS.', hop(REUSED, { reusedConnection: true })],
    ['New connection.', hop(FRESH)],
    ['No connection came about.', hop(NEVER, { status: null })],
  ])('says what it went over: %s', (note, one) => {
    expect(callTiming({ timings: one.timings, hops: [one], attempts: 1 })?.note).toBe(note);
  });

  test('that was sent again shows what lay between', () => {
    const hops = [hop(FRESH, { status: 401 }), hop(REUSED, { attempt: 2, reusedConnection: true })];
    const timing = callTiming({ timings: { ...FRESH, total: 166 }, hops, attempts: 2 });
    expect(timing?.bars.at(-1)).toMatchObject({ label: 'In between', duration: '100 ms' });
    expect(timing?.note).toContain('Added up over 2 requests, and what lay between');
  });

  test('that was only redirected has nothing between', () => {
    const hops = [hop(FRESH, { status: 302 }), hop(REUSED, { reusedConnection: true })];
    const timing = callTiming({ timings: { ...FRESH, total: 166 }, hops, attempts: 1 });
    expect(timing?.bars.map(({ label }) => label)).not.toContain('In between');
    expect(timing?.note).toBe('Added up over 2 requests. Each has its own times below.');
  });

  test('of which nothing was measured is none', () => {
    expect(callTiming({ timings: null, hops: [], attempts: 1 })).toBeNull();
  });
});

test('each request stands with its own times', () => {
  const [first, second] = hopTable([hop(FRESH, { status: 302 }), hop(REUSED, { reusedConnection: true })]);
  expect(first).toMatchObject({ isReused: false, wait: '2.0 ms', opening: ['3.0 ms', '4.0 ms', '5.0 ms'] });
  expect(second).toMatchObject({ isReused: true, wait: null, after: ['1.0 ms', '20 ms', '5.0 ms'], duration: '26 ms' });
});
