import { once } from 'node:events';
import { createServer, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { leaving } from '../../src/web/leaving.ts';

async function answered(by: (response: ServerResponse) => void) {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = request({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' });
  client.on('error', () => {});
  client.end();
  const [, response] = (await once(server, 'request')) as [unknown, ServerResponse];
  const left = leaving(response);
  const closed = once(response, 'close');
  by(response);
  return { client, response, left, closed, close: () => server.close() };
}

test('whoever breaks the connection off before the answer has left, also for those who look later', async () => {
  const { client, response, left, closed, close } = await answered(() => {});
  expect(left.aborted).toBe(false);
  client.destroy();
  await closed;
  expect(left.aborted).toBe(true);
  expect(leaving(response).aborted).toBe(true);
  close();
});

test('whoever has the whole answer has not left', async () => {
  const { client, response, left, closed, close } = await answered((it) => it.end('all of it'));
  const [answer] = (await once(client, 'response')) as [NodeJS.ReadableStream];
  answer.resume();
  await closed;
  expect([left.aborted, leaving(response).aborted]).toEqual([false, false]);
  close();
});
