import { describe, expect, test } from '@jest/globals';
import type { Hop, Timings } from '../../src/kernel/exchange.ts';
import { extentSent } from '../../src/kernel/sent-extent.ts';

const NOTHING: Timings = {
  wait: 0,
  dns: 1,
  connect: null,
  tls: null,
  send: null,
  firstByte: null,
  receive: null,
  total: 1,
};
const PART = { ...NOTHING, connect: 1, send: 2 };
const WHOLE = { ...PART, firstByte: 3 };

const hopsOf = (...all: Timings[]): Hop[] =>
  all.map((timings, at) => ({
    attempt: at + 1,
    method: 'POST',
    url: 'https://api.example/',
    status: null,
    reusedConnection: false,
    timings,
  }));

const call = { kind: 'call', outcome: 'failed', hops: [] } as const;

describe('how much of a call left', () => {
  test.each([
    ['nothing', 'was refused before there was a request', { ...call }],
    ['nothing', 'found no server', { ...call, hops: hopsOf(NOTHING) }],
    ['part', 'broke off in its body', { ...call, hops: hopsOf(PART) }],
    ['whole', 'got no answer', { ...call, hops: hopsOf(WHOLE) }],
    ['whole', 'was redirected to where nobody is', { ...call, hops: hopsOf(WHOLE, NOTHING) }],
    ['whole', 'was answered', { ...call, outcome: 'answered', hops: hopsOf(WHOLE) }],
    [null, 'is on its way', { ...call, outcome: 'pending' }],
    [null, 'was interrupted', { ...call, outcome: 'interrupted' }],
    [null, 'somebody else made', { ...call, kind: 'imported', outcome: 'answered' }],
  ] as const)('is %s of one that %s', (extent, _what, told) => {
    expect(extentSent(told)).toBe(extent);
  });
});
