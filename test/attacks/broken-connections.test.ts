import { connect } from 'node:net';
import { once } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { runApp } from '../support/running-app.ts';

describe('a client that breaks off in the middle of a body', () => {
  test('leaves nothing but lines of the log', async () => {
    await using app = await runApp({ env: { LOG_FORMAT: 'json' } });
    const { hostname, port, host } = new URL(app.origin);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    socket.end(
      `POST /sign-in HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{`,
    );
    await once(socket.resume(), 'close');
    // Requests are logged in their order, a little after they are answered.
    while (!app.printed().includes('/healthz')) await fetch(`${app.origin}/healthz`);

    const lines = app
      .printed()
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('Callbook is ready'));
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.filter((line) => !line.startsWith('{'))).toEqual([]);
  });
});
