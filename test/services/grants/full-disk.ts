import { execFileSync } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { hold } from '../../support/provider.ts';
import { openStage } from './stage.ts';

/** A renewal whose tokens come when no file may grow any more; prints what became of them as JSON. Run it by itself. */
process.on('SIGXFSZ', () => undefined);
const limit = (bytes: string) => execFileSync('prlimit', ['--pid', `${process.pid}`, `--fsize=${bytes}:unlimited`]);

await using stage = await openStage();
const { spilled } = stage.app.running.workings;
const { slug } = await stage.due();
const generation = async () => (await stage.grant(slug)).generation;
const held = hold('answer');
stage.provider.next(held.fault);
await spilled.prepare();
const kept = stage.keep(slug);
await held.reached;
limit(`${(await stat(`${stage.app.databaseFile}-wal`)).size}`);
held.release();
while (!stage.app.log().includes('New tokens could not be stored yet')) {
  await new Promise((resolve) => setTimeout(resolve, 5));
}
stage.app.clock.advance(26_000);
const told = (await kept).generation;
const whileFull = { row: await generation(), again: (await stage.keep(slug)).generation };
limit('unlimited');
const replayed = await spilled.replay();
const afterwards = { row: await generation(), calls: stage.provider.asked.total };
process.stdout.write(JSON.stringify({ told, whileFull, replayed, afterwards }));
