import { writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { monitorEventLoopDelay } from 'node:perf_hooks';

// Loaded into the process that is measured (`node --import`): on SIGUSR2 it writes down for how long its event loop was
// held at most since the last time, in milliseconds, into the file that the environment names.
const file = process.env['BENCH_HOLD_FILE'];
if (file !== undefined && isMainThread) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  process.on('SIGUSR2', () => {
    writeFileSync(file, JSON.stringify({ max: delay.max / 1e6, p99: delay.percentile(99) / 1e6 }));
    delay.reset();
  });
}
