import { PassThrough } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { readPassword } from '../../src/cli/terminal/password.ts';
import { Terminal } from '../../src/cli/terminal/terminal.ts';
import { Client } from '../support/client.ts';
import { OWNER, runApp } from '../support/running-app.ts';
import { callbook, openFolder } from './callbook.ts';

const SECRET = 'a password of some length';

describe('a new folder', () => {
  test('gets its first owner and workspace from the command line, then more of both', async () => {
    await using place = await openFolder();
    const create = (email: string, ...args: string[]) =>
      callbook(['users', 'create', email, ...args, '--password-stdin'], { ...place, stdin: `${SECRET}\n` });

    const none = await callbook(['keys', 'list'], place);
    const viewer = await create('ada@example.org', '--role', 'viewer');
    const owner = await create('Ada@example.org', '--role', 'owner', '--json');
    const second = await callbook(['workspaces', 'create', 'Zweites Büro', '--owner', 'ada@example.org'], place);
    const known = await callbook(
      ['users', 'create', 'ada@example.org', '--role', 'editor', '--workspace', 'zweites-buro'],
      place,
    );
    const listed = await callbook(['users', 'list'], place);

    expect(none).toMatchObject({ code: 2, err: expect.stringContaining('There is no workspace yet') });
    expect(viewer).toMatchObject({ code: 2, err: expect.stringContaining('--role owner') });
    expect(owner.code).toBe(0);
    expect(JSON.parse(owner.out)).toEqual({
      email: 'ada@example.org',
      role: 'owner',
      workspace: 'workspace',
      isNew: true,
    });
    expect(second).toMatchObject({ code: 0, out: 'Made the workspace "zweites-buro", owned by ada@example.org.\n' });
    expect(known).toMatchObject({ code: 1, err: expect.stringContaining('already. Nothing was changed.') });
    expect(listed.out).toBe(
      [
        'EMAIL            WORKSPACES                              LAST SEEN',
        'ada@example.org  workspace (owner), zweites-buro (owner)  never',
        '',
      ]
        .join('\n')
        .replace('WORKSPACES  ', 'WORKSPACES   '),
    );
    const said = [none, viewer, owner, second, known, listed].map(({ out, err }) => out + err).join('');
    expect(said).not.toContain(SECRET);
  }, 90_000);
});

describe('beside a Callbook that runs', () => {
  test('somebody made at the command line signs in; a new password ends their sign-ins', async () => {
    await using app = await runApp();
    const stdin = (password: string) => ({ ...app, stdin: `${password}\r\n` });
    await callbook(['users', 'create', 'bob@example.org', '--role', 'editor', '--password-stdin'], stdin(SECRET));
    const bob = new Client(app.origin);
    await bob.post('/sign-in', { email: 'bob@example.org', password: SECRET });
    const before = await bob.get('/connections');
    const short = await callbook(['users', 'password', 'bob@example.org', '--password-stdin'], stdin('short'));
    const changed = await callbook(['users', 'password', 'bob@example.org', '--password-stdin'], stdin(`${SECRET} 2`));
    const unasked = await callbook(['users', 'password', 'bob@example.org'], app);

    expect(before.status).toBe(200);
    expect(short).toMatchObject({ code: 2, out: '', err: 'Use at least 12 characters.\n' });
    expect(changed).toMatchObject({ code: 0, out: expect.stringContaining('sign-ins ended: 1') });
    expect((await bob.get('/connections')).status).toBe(303);
    expect(unasked).toMatchObject({ code: 2, err: expect.stringContaining('--password-stdin') });
  }, 90_000);

  test('a key opens until it is revoked, and is told once', async () => {
    await using app = await runApp();
    const made = await callbook(
      ['keys', 'create', '--name', 'ci', '--role', 'viewer', '--expires', '3', '--json'],
      app,
    );
    const plain = await callbook(['keys', 'create', '--name', 'deploy', '--role', 'owner'], app);
    const { id, key, ...rest } = JSON.parse(made.out) as Record<string, string>;
    const told = async () =>
      (await fetch(`${app.origin}/_token_refresh`, { headers: { authorization: `Bearer ${key}` } })).status;

    expect(rest).toEqual({ name: 'ci', role: 'viewer' });
    expect(plain.out).toMatch(/^cbk_[\w-]{43}\n$/);
    expect(made.err + plain.err).not.toMatch(/cbk_/);
    expect(await told()).toBe(200);
    const listed = [await callbook(['keys', 'list'], app), await callbook(['keys', 'list', '--json'], app)];
    expect(listed.map(({ out }) => out.includes('ci'))).toEqual([true, true]);
    expect(listed.map(({ out }) => out.includes(String(key)) || out.includes(plain.out.trim()))).toEqual([
      false,
      false,
    ]);

    expect(await callbook(['keys', 'revoke', String(id)], app)).toMatchObject({ code: 0, out: `Revoked ${id}.\n` });
    expect(await told()).toBe(401);
    expect(await callbook(['keys', 'revoke', OWNER.email], app)).toMatchObject({ code: 2 });
  }, 90_000);
});

describe('a password that is asked for on a terminal', () => {
  test('is never shown, and mistakes can be taken back', async () => {
    const { terminal, stdin, modes, said } = onTerminal();
    const password = readPassword(terminal, false);
    stdin.write('wrong\u0015correct hörse\u007f\u007fse');
    stdin.write('\u001b[A');
    stdin.write('\rcorrect hörse\r');

    expect(await password).toBe('correct hörse');
    expect(said()).toBe('Password: \nOnce more: \n');
    expect(modes).toEqual([true, false]);
  });

  test.each([
    ['the two differ', 'one of twelve\rother of twelve\r', /The two differ/],
    ['it is cancelled', 'one\u0003', /Cancelled/],
  ])('is not taken where %s', async (_what, typed, says) => {
    const { terminal, stdin, modes } = onTerminal();
    const password = readPassword(terminal, false);
    stdin.write(typed);

    await expect(password).rejects.toThrow(says);
    expect(modes).toEqual([true, false]);
  });
});

function onTerminal() {
  const modes: boolean[] = [];
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (isRaw: boolean) => modes.push(isRaw) });
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const terminal = new Terminal({ stdin, stdout, stderr, once: () => {} });
  return { terminal, stdin, modes, said: () => String(stderr.read() ?? '') + String(stdout.read() ?? '') };
}
