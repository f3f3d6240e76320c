import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { openApp, type TestApp } from '../support/app.ts';
import type { Client } from '../support/client.ts';

const COMPOSER_BYTES = 24 * 2 ** 20;
const CALL = { path: '/connections/a/exchanges', type: 'application/x-www-form-urlencoded', bytes: COMPOSER_BYTES };
const FILE = { path: '/exchanges/imports', type: 'multipart/form-data; boundary=x', bytes: 64 * 2 ** 20 + 1024 };

/** Says that a large body comes and sends none of it; what is announced has to be counted, not what has come. */
async function announce(app: TestApp, owner: Client, large = CALL): Promise<Socket> {
  const { hostname, port, host } = new URL(app.url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  socket.write(
    `POST ${large.path} HTTP/1.1\r\nHost: ${host}\r\nSec-Fetch-Site: same-origin\r\nAccept: application/json\r\n` +
      `Cookie: ${[...owner.cookies].map((pair) => pair.join('=')).join('; ')}\r\nExpect: 100-continue\r\n` +
      `Content-Type: ${large.type}\r\nContent-Length: ${large.bytes}\r\n\r\n`,
  );
  return socket;
}

/** The last status line that came of it. */
async function told(socket: Socket): Promise<string> {
  let text = '';
  while (!/HTTP\/1\.1 [2-5]/.test(text)) text += String(((await once(socket, 'data')) as [Buffer])[0]);
  return text;
}

describe('more large bodies at once than memory should hold', () => {
  test('are refused with 503 before they are read, small ones are not, and room comes back', async () => {
    await using app = await openApp();
    const owner = await app.owner();
    const waiting = await Promise.all(Array.from({ length: 5 }, () => announce(app, owner)));
    await Promise.all(waiting.map((socket) => once(socket, 'data')));

    const one = await announce(app, owner);
    const refused = await told(one);
    expect(refused).toMatch(/503/);
    expect(refused).toMatch(/Callbook-Problem: queue-full/i);
    expect((await owner.post('/connections/a/exchanges', { method: 'GET' })).status).toBe(404);

    for (const socket of [...waiting, one]) socket.destroy();
    const body = new URLSearchParams({ body: 'x'.repeat(COMPOSER_BYTES - 10) });
    let status = 503;
    while (status === 503) status = (await owner.post('/connections/a/exchanges', Object.fromEntries(body))).status;
    expect(status).toBe(404);
  });

  test('are as many of them files', async () => {
    await using app = await openApp();
    const owner = await app.owner();
    const waiting = await announce(app, owner, FILE);
    await once(waiting, 'data');

    const one = await announce(app, owner, FILE);
    expect(await told(one)).toMatch(/503[^]*Callbook-Problem: queue-full/i);
    for (const socket of [waiting, one]) socket.destroy();
  });
});
