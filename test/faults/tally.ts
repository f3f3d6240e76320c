/** How one run of a fault ended: what was wrong, in sentences; nothing where it survived. */
export interface Run {
  readonly wrong: readonly string[];
  /** Times that a spent refresh token came beyond the recovery tries that are allowed. */
  readonly doubleSpent: number;
  /** How long the request after the fault took, or each caller in the midst of it. */
  readonly ms: readonly number[];
}

/** All runs of one fault, as a line of the table. */
export interface Tally {
  readonly fault: string;
  readonly runs: readonly Run[];
}

/** The first line of the table. */
export const HEAD = 'fault, runs, survived, lost, double-spent, p99';

/** A run in which nothing was to be seen but what `wrong` says. */
export function runOf(wrong: readonly string[], ms: readonly number[], doubleSpent = 0): Run {
  return { wrong, doubleSpent, ms };
}

/** One line of the table; `p99` is in milliseconds. */
export function lineOf({ fault, runs }: Tally): string {
  const lost = runs.filter(({ wrong }) => wrong.length > 0).length;
  const doubleSpent = runs.reduce((sum, run) => sum + run.doubleSpent, 0);
  const p99 = quantile(
    runs.flatMap(({ ms }) => ms),
    0.99,
  );
  return [fault, runs.length, runs.length - lost, lost, doubleSpent, `${Math.round(p99)} ms`].join(', ');
}

/** True when nothing was lost and nothing was spent twice. */
export function isClean({ runs }: Tally): boolean {
  return runs.length > 0 && runs.every(({ wrong, doubleSpent }) => wrong.length === 0 && doubleSpent === 0);
}

/** What went wrong in a fault's runs, each sentence once, with how often. */
export function complaintsOf({ fault, runs }: Tally): string[] {
  const counts = new Map<string, number>();
  for (const sentence of runs.flatMap(({ wrong }) => wrong)) counts.set(sentence, (counts.get(sentence) ?? 0) + 1);
  return [...counts].map(([sentence, times]) => `${fault}: ${sentence} (${times} times)`);
}

/** The value that this share of them does not exceed, nearest rank; 0 where there is none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

/** Collects what is not as it should be. */
export class Findings {
  readonly wrong: string[] = [];

  /** Notes a sentence with both values unless they are the same, as JSON tells them. */
  same(what: string, is: unknown, should: unknown): void {
    const [here, there] = [JSON.stringify(is), JSON.stringify(should)];
    if (here !== there) this.wrong.push(`${what}: ${here} instead of ${there}.`);
  }

  /** Notes the sentence unless it holds. */
  holds(sentence: string, isSo: boolean): void {
    if (!isSo) this.wrong.push(`Not so: ${sentence}`);
  }
}
