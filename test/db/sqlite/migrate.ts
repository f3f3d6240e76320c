import { openDatabase } from '../../../src/db/orm.ts';

/** A process that opens and migrates the database in its first argument, and says which migrations it applied. */
const database = await openDatabase({ url: `sqlite:${process.argv[2]}`, durability: 'full' });
process.stdout.write('ready\n');
await new Promise((resolve) => process.stdin.once('data', resolve));
const { applied } = await database.migrate();
process.stdout.write(`${JSON.stringify({ self: database.instances.self, applied })}\n`);
await new Promise((resolve) => process.stdin.resume().once('end', resolve));
await database.close();
