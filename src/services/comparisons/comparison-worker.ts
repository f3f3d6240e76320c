import { parentPort, workerData } from 'node:worker_threads';
import { type ComparedPair, differenceOf } from './difference.ts';

// A thread of its own, so that no pair of bodies holds up anybody else: whoever started it also ends it.
parentPort?.postMessage(differenceOf(workerData as ComparedPair), []);
