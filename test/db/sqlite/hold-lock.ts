import BetterSqlite from 'better-sqlite3';

/** A process that holds the write lock of the file in its first argument until its standard input ends. */
const database = new BetterSqlite(process.argv[2] ?? '', { timeout: 5_000 });
database.exec('BEGIN IMMEDIATE');
process.stdout.write('held\n');
process.stdin.resume().on('end', () => {
  database.exec('COMMIT');
  database.close();
});
