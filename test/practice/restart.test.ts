import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, test } from '@jest/globals';
import { PortTaken } from '../../src/practice/port-taken.ts';
import { PracticeStateUnreadable } from '../../src/practice/state-file.ts';
import { startPractice } from '../../src/practice/practice.ts';
import { keptLog, Practising, REDIRECT_URI } from './practising.ts';

const START = join(import.meta.dirname, 'start.ts');

/** Starts a practice API in another process, on the port and with the state of this one, and waits until it answers. */
async function elsewhere(at: Practising): Promise<ChildProcess> {
  const child = spawn(process.execPath, [START, at.stateFile, new URL(at.origin).port], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (!child.stdout) throw new Error('It has no output.');
  await once(createInterface(child.stdout), 'line');
  return child;
}

async function killed(child: ChildProcess): Promise<void> {
  const isGone = once(child, 'exit');
  child.kill('SIGKILL');
  await isGone;
}

describe('A practice API that was started again', () => {
  test('knows its client, its tokens and its orders', async () => {
    await using at = await Practising.start();
    const { client } = at.practice;
    const { refreshToken, accessToken } = await at.consent();
    const made = await at.call(accessToken, '/orders', { method: 'POST', body: '{"item":"Wax","quantity":2}' });
    await at.restart();

    expect(at.practice.client).toEqual(client);
    expect((await at.call(accessToken, made.headers.get('location')?.replace('/api', '') ?? '')).status).toBe(200);
    expect(await at.refresh(refreshToken)).toMatchObject({ kind: 'granted' });
  });

  test('knows which refresh tokens are spent', async () => {
    await using at = await Practising.start();
    const { refreshToken } = await at.consent();
    const second = await at.refresh(refreshToken);
    await at.restart();

    expect(await at.refresh(refreshToken)).toMatchObject({ code: 'invalid_grant' });
    if (second.kind === 'granted') {
      expect(await at.refresh(second.tokens.refreshToken)).toMatchObject({ code: 'invalid_grant' });
    }
  });

  test('goes on with a consent that was under way', async () => {
    await using at = await Practising.start();
    const first = await at.consent();
    const keys = await (await fetch(`${at.origin}/jwks`)).text();
    await at.restart();
    expect(await (await fetch(`${at.origin}/jwks`)).text()).toBe(keys);
    expect(await at.refresh(first.refreshToken)).toMatchObject({ kind: 'granted' });
  });

  test('has burnt nothing when it was killed right after a rotation', async () => {
    await using at = await Practising.start();
    let { refreshToken } = await at.consent();
    await at.practice.close();

    for (let round = 0; round < 3; round += 1) {
      const child = await elsewhere(at);
      const reply = await at.refresh(refreshToken);
      await killed(child);
      if (reply.kind !== 'granted') throw new Error(reply.detail);
      refreshToken = reply.tokens.refreshToken ?? '';
    }
    await at.restart();
    expect(await at.refresh(refreshToken)).toMatchObject({ kind: 'granted' });
  }, 60_000);
});

describe('A practice API that cannot start', () => {
  const options = { host: '127.0.0.1', redirectUris: [REDIRECT_URI], logger: keptLog() };

  test('says so when its port is taken', async () => {
    await using at = await Practising.start();
    const port = Number(new URL(at.origin).port);
    const start = startPractice({ ...options, port, stateFile: join(at.stateFile, '..', 'other.json') });
    await expect(start).rejects.toThrow(PortTaken);
    await expect(start).rejects.toThrow(`Port ${port} on 127.0.0.1 is taken`);
  });

  test.each(['0.0.0.0', '::', '10.0.0.1', 'example.org'])('is not reachable by others: %s', async (host) => {
    await using at = await Practising.start();
    await expect(startPractice({ ...options, host, port: 0, stateFile: at.stateFile })).rejects.toThrow(RangeError);
  });

  test.each(['', '{', '{"version":2}', 'null', '[]'])('leaves a state it cannot read as it is: %j', async (text) => {
    await using at = await Practising.start();
    await at.practice.close();
    const port = Number(new URL(at.origin).port);
    await writeFile(at.stateFile, text);
    const start = startPractice({ ...options, port, stateFile: at.stateFile });
    await expect(start).rejects.toThrow(PracticeStateUnreadable);
    expect(await readFile(at.stateFile, 'utf8')).toBe(text);

    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    server.close();
  });
});
