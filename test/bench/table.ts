import type { Round } from './workloads.ts';

/** The middle value and the ends of a few. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** All rounds of one workload, by contestant, in the order they were run. */
export interface Measured {
  readonly workload: string;
  readonly what: string;
  readonly app: readonly Round[];
  readonly limit: readonly Round[];
}

/** Middle and ends of some numbers; not a number where there are none. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = (sorted.length - 1) / 2;
  const median = ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2;
  return { median, low: sorted[0] ?? NaN, high: sorted.at(-1) ?? NaN };
}

/** How much CPU the app needs for a request against the limit, round by round. */
export function cpuRatios({ app, limit }: Measured): number[] {
  return app.map((round, at) => round.cpuMicrosPerRequest / (limit[at]?.cpuMicrosPerRequest ?? NaN));
}

/** One workload as lines of a Markdown table. */
export function rowsOf(measured: Measured): string[] {
  const rows = (['app', 'limit'] as const).map((name) => {
    const rounds = measured[name];
    const cells = [
      name === 'app' ? `${measured.workload}: ${measured.what}` : '',
      name,
      shown(spreadOf(rounds.map((round) => round.cpuMicrosPerRequest)), 0),
      name === 'app' ? `**${shown(spreadOf(cpuRatios(measured)), 2)}**` : '1',
      shown(spreadOf(rounds.map((round) => round.requestsPerSecond)), 0),
      shown(spreadOf(rounds.map((round) => round.p50)), 1),
      shown(spreadOf(rounds.map((round) => round.p99)), 1),
      String(rounds.reduce((sum, round) => sum + round.failures, 0)),
      rounds.map((round) => round.tokenCalls ?? '-').join(', '),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return rows;
}

/** The head of the table. */
export const TABLE_HEAD = [
  '| workload | who | CPU µs a request | against the limit | requests/s | p50 ms | p99 ms | failures | token calls |',
  '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
];

/** A middle value with its ends: `1.82 (1.79-1.90)`. */
export function shown({ median, low, high }: Spread, digits: number): string {
  return `${median.toFixed(digits)} (${low.toFixed(digits)}-${high.toFixed(digits)})`;
}
