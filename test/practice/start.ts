import { startPractice } from '../../src/practice/practice.ts';

/** Runs a practice API in a process of its own, for a test to kill: state file and port in, one line of JSON out. */
const [stateFile = '', port = '0'] = process.argv.slice(2);
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const redirectUris = ['http://127.0.0.1:9/consent/callback'];
const { origin, client } = await startPractice({
  host: '127.0.0.1',
  port: Number(port),
  redirectUris,
  stateFile,
  logger: silent,
});
process.stdout.write(`${JSON.stringify({ origin, client })}\n`);
