import type { FaultRun } from './fault-run.ts';
import { House } from './house.ts';
import { Findings, quantile, type Run } from './tally.ts';

/** How long new tokens are in memory only: from a token answer, read, to its durable commit (B5). */
export const DURABILITY: FaultRun = {
  names: ['B5'],
  async *run({ isQuick, note }) {
    await using house = await House.open('strict');
    const victim = await house.start({ env: { DURABILITY: 'full' } });
    const held = await house.hold(victim);
    const renewals = isQuick ? 20 : 500;
    const runs: Run[] = [];
    for (let generation = 1; generation <= renewals; generation += 1) {
      const [got] = await victim.ask({ ask: 'fresh', place: held.place, callers: 1, above: generation });
      const found = new Findings();
      found.same('Answer', got?.code ?? got?.token?.generation, generation + 1);
      runs.push({ wrong: found.wrong, doubleSpent: 0, ms: [] });
    }
    const commits = await victim.ask({ ask: 'commits' });
    const figures = [0.5, 0.99].map((share) => quantile(commits, share).toFixed(1));
    note(
      `B5: from an answer to its durable commit p50 ${figures[0]} ms, p99 ${figures[1]} ms, ${commits.length} renewals`,
    );
    const doubleSpent = house.provider.asked.doubleSpends;
    yield {
      fault: 'B5 answer to durable commit',
      runs: runs.map((run, at) => ({ ...run, ms: [commits[at] ?? 0], doubleSpent: at === 0 ? doubleSpent : 0 })),
    };
  },
};
