import { expect, test } from '@jest/globals';
import type { Timings } from '../../../src/kernel/exchange.ts';
import { timingRows } from '../../../src/web/presenters/timing-rows.ts';

const LEFT: Timings = {
  wait: 0.21,
  dns: null,
  connect: 3,
  tls: null,
  send: 0.24,
  firstByte: 30,
  receive: 1,
  total: 40,
};
const RIGHT: Timings = { ...LEFT, wait: 0.24, connect: null, send: 0.26, firstByte: 27, total: 1400 };

test('two calls stand side by side, and the difference agrees with what is shown', () => {
  expect(timingRows(LEFT, RIGHT).map(({ label, by }) => [label, by])).toEqual([
    ['Wait', 'same'],
    ['Connect', null],
    ['Send', '+0.1 ms'],
    ['First byte', '−3.0 ms'],
    ['Receive', 'same'],
    ['Total, to the last byte', '+1.36 s'],
  ]);
});

test('one that was not measured leaves the other alone', () => {
  expect(timingRows(null, RIGHT)[0]).toEqual({ label: 'Wait', left: null, right: '0.2 ms', by: null });
});
