import { parentPort, workerData } from 'node:worker_threads';
import { type ComparedPair, differenceOf, type Told } from './difference.ts';

// A thread of its own, so that no pair of bodies holds up anybody else: whoever started it also ends it.
tell('started');
tell(differenceOf(workerData as ComparedPair));

function tell(what: Told): void {
  parentPort?.postMessage(what, []);
}
