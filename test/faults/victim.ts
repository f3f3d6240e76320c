import { enableCompileCache, flushCompileCache } from 'node:module';
import type { Life } from './life.ts';

/** A Callbook without its web, in a process that is there to be ended. Its one argument is a `Life` as JSON. */
enableCompileCache();
const { live } = await import('./living.ts');
// Written at a process's end otherwise, and this one has none of its own.
flushCompileCache();
await live(JSON.parse(process.argv[2] ?? '') as Life);
