const TIMES = 3;

/**
 * Milliseconds of processor time that `work` costs this thread: the least of three, after one that warms up. What else
 * the machine does at that time, and the threads beside this one, do not count.
 */
export async function ownWorkMs(work: () => unknown): Promise<number> {
  await work();
  const costs: number[] = [];
  while (costs.length < TIMES) {
    const before = process.threadCpuUsage();
    await work();
    const { user, system } = process.threadCpuUsage(before);
    costs.push((user + system) / 1000);
  }
  return Math.min(...costs);
}
