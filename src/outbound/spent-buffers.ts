import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** So much may stream by before what it left behind is cleared away. */
const CLEARED_BYTES = 8 * 2 ** 20;

type Collect = (options: { type: 'minor' }) => void;

let passed = 0;
let collect: Collect | undefined;

/**
 * Counts bytes that stream by. The buffers of a stream die at once, but V8 sees only their small handles and lets tens of
 * MiB pile up before it looks; a collection of its young objects, a millisecond or two, gives them back.
 */
export function streamedBy(bytes: number): void {
  passed += bytes;
  if (passed < CLEARED_BYTES) return;
  passed = 0;
  collect ??= exposedCollector();
  collect({ type: 'minor' });
}

/** The collector is there for contexts that are made while the flag is set. */
function exposedCollector(): Collect {
  setFlagsFromString('--expose-gc');
  try {
    return runInNewContext('gc') as Collect;
  } finally {
    setFlagsFromString('--no-expose-gc');
  }
}
