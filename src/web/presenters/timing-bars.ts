import type { Timings } from '../../kernel/exchange.ts';
import { durationText } from './measures.ts';

/** The phases of a call in the order they happen, by the names people know. */
export const PHASES = [
  ['wait', 'Wait'],
  ['dns', 'DNS'],
  ['connect', 'Connect'],
  ['tls', 'TLS'],
  ['send', 'Send'],
  ['firstByte', 'First byte'],
  ['receive', 'Receive'],
] as const;

/** Timings, and what of the total lay between two sendings of the same call. */
export type ShownTimings = Timings & { readonly between?: number };

const BETWEEN = ['between', 'In between'] as const;

/** Width of the drawing that `x` and `width` are given in. */
const SCALE = 1000;

/** The phases that happened, one after the other, as bars on a scale of 1000; none is thinner than 3. */
export function timingBars(timings: ShownTimings) {
  const phases = [...PHASES, BETWEEN].flatMap(([name, label]) => {
    const milliseconds = timings[name] ?? null;
    return milliseconds === null ? [] : [{ name, label, milliseconds }];
  });
  const sum = phases.reduce((total, phase) => total + phase.milliseconds, 0);
  const whole = Math.max(timings.total, sum, 0.001);
  let at = 0;
  const bars = phases.map(({ name, label, milliseconds }) => {
    const width = Math.max(3, (milliseconds / whole) * SCALE);
    const x = Math.min(SCALE - width, (at / whole) * SCALE);
    at += milliseconds;
    return { name, label, duration: durationText(milliseconds), x: round(x), width: round(width) };
  });
  return { total: durationText(timings.total), bars };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
