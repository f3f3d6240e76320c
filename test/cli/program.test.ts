import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import type { Command } from 'commander';
import { createProgram } from '../../src/cli/program.ts';
import { Terminal } from '../../src/cli/terminal/terminal.ts';
import { PassThrough } from 'node:stream';
import { ended, openFolder, startCallbook } from './callbook.ts';
import { run } from './world.ts';

const COMMANDS = pathsOf(createProgram(new Terminal({ ...streams(), once: () => {} })));

describe('whoever asks for help', () => {
  test.each(COMMANDS.map((path) => [path.join(' ')]))(
    'gets it for callbook %s, with an example and the exit codes',
    async (path) => {
      const { code, out, err } = await run([...path.split(' ').filter(Boolean), '--help']);

      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(out).toMatch(/^Usage: callbook/);
      expect(out).toMatch(new RegExp(`Examples:\n +(\\w+=\\S* ?|\\$\\()?.*callbook ${path.split(' ')[0]}`));
      expect(out).toContain('Exit codes: 0 done, 1 the answer is no, 2 wrong use');
    },
  );

  test('finds every command of the product in the list', async () => {
    const { out } = await run(['--help']);
    for (const name of ['start', 'call', 'connections', 'keys', 'users', 'workspaces', 'migrate', 'doctor'])
      expect(out).toMatch(new RegExp(`^  ${name}\\b`, 'm'));
  });

  test('gets the version, too', async () => {
    const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(await run(['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' });
  });
});

describe('a command that is written wrongly', () => {
  test.each([
    ['no command', [], /Usage: callbook/],
    ['an unknown command', ['cal'], /^Unknown command 'cal'\. \(Did you mean call\?\)\nUsage: callbook/],
    ['half a command', ['keys'], /Usage: callbook keys/],
    ['an unknown option', ['doctor', '--fix'], /^Unknown option '--fix'\.\nUsage: callbook doctor/],
    ['a missing argument', ['call', 'partner', 'GET'], /^Missing required argument 'path'\.\nUsage: callbook call/],
    ['a missing option', ['keys', 'create', '--name', 'ci'], /^Required option '--role <role>' not specified\.\nUsage/],
    ['a role there is not', ['keys', 'create', '--name', 'a', '--role', 'boss'], /Allowed choices are viewer, editor/],
    ['no whole number of days', ['keys', 'create', '--name', 'a', '--role', 'viewer', '--expires', '1.5'], /from 1 to/],
    ['a header without a colon', ['call', 'a', 'GET', '/', '-H', 'accept'], /^Write a header as -H 'Name: value'\.$/m],
    ['a body from a file that is not there', ['call', 'a', 'PUT', '/', '-d', '@none.json'], /none\.json.*ENOENT/],
  ])('ends with 2 and says how it is written: %s', async (_what, args, says) => {
    const { code, out, err } = await run(args);

    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(says);
    expect(err).not.toMatch(/^\s+at /m);
  });

  test.each([
    [['users', 'create', 'ada@example.org', 'hunter2-is-secret', '--role', 'owner']],
    [['users', 'create', 'ada@example.org', '--password=hunter2-is-secret', '--role', 'owner']],
    [['users', 'password', 'ada@example.org', '--password', 'hunter2-is-secret']],
  ])('does not repeat a password that was given as an argument: %j', async (args) => {
    const { code, out, err } = await run(args);

    expect(code).toBe(2);
    expect(out + err).not.toContain('hunter2');
  });

  test('names every setting that is wrong and no value', async () => {
    const env = { PORT: 'eighty', CALL_WIDTH: '0', APP_KEY: 'not-a-key-but-secret' };
    const { code, out, err } = await run(['connections', 'list'], env);

    expect({ code, out }).toEqual({ code: 2, out: '' });
    for (const name of Object.keys(env)) expect(err).toContain(`${name} must be`);
    expect(err).not.toContain('not-a-key-but-secret');
  });
});

describe('the program itself', () => {
  test('ends with 2 for an unknown command, with nothing on standard output and no file made', async () => {
    await using place = await openFolder();
    expect(await ended(startCallbook(['frobnicate'], place))).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining("Unknown command 'frobnicate'"),
    });
  }, 60_000);

  test('says so where Node is too old, before it reads anything else', async () => {
    await using place = await openFolder();
    const old = "Object.defineProperty(process.versions, 'node', { value: '20.19.0' })";
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(old)}` };
    const { code, out, err } = await ended(startCallbook(['start'], { ...place, env }));

    expect({ code, out }).toEqual({ code: 3, out: '' });
    expect(err).toMatch(/^Callbook needs Node 24 or newer; this is v\d+.*npm start/);
  }, 60_000);
});

function pathsOf(command: Command, path: readonly string[] = []): (readonly string[])[] {
  return [path, ...command.commands.flatMap((one) => pathsOf(one, [...path, one.name()]))];
}

function streams() {
  return { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
}
