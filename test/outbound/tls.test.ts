import { createServer, type Server } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import { getCACertificates, setDefaultCACertificates, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { CallResult } from '../../src/kernel/exchange.ts';
import type { ApiClient } from '../../src/outbound/api-client.ts';
import { selfSigned } from '../support/certificate.ts';
import { callTo, client, rawServer, type Running, running } from './clients.ts';

const systemAuthorities = getCACertificates('default');
const names: unknown[] = [];
let server: Running;
let sender: ApiClient;

beforeAll(async () => {
  const own = selfSigned('api.example');
  setDefaultCACertificates([...systemAuthorities, own.cert]);
  const https: Server = createServer(own, (request, response) => {
    names.push([(request.socket as TLSSocket & { servername?: string }).servername, request.headers.host]);
    response.end('secret answer');
  });
  server = await running(https, 'https');
  sender = client({ resolve: () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]) });
});

afterAll(async () => {
  setDefaultCACertificates(systemAuthorities);
  await sender.close();
  await server.stop();
});

function reasonOf({ outcome }: CallResult): unknown[] {
  return outcome.kind === 'failed' ? [outcome.reason, outcome.sent] : ['answered', true];
}

describe('a call over TLS', () => {
  test('names the host to the server, checks its certificate and takes its time down', async () => {
    const url = `https://api.example:${server.port}/`;
    const result = await sender.send(callTo(url));
    expect(reasonOf(result)).toEqual(['answered', true]);
    expect(names).toEqual([['api.example', `api.example:${server.port}`]]);
    expect(result.timings.tls).toBeGreaterThan(0);
    expect((await sender.send(callTo(url))).hops[0]).toMatchObject({ reusedConnection: true, timings: { tls: null } });
  });

  test('finds the certificate for a name with a dot at its end', async () => {
    expect(reasonOf(await sender.send(callTo(`https://api.example.:${server.port}/`)))).toEqual(['answered', true]);
  });

  test.each([
    ['another name', 'https://other.example'],
    ['an address the certificate does not name', 'https://127.0.0.1'],
  ])('to %s sends nothing', async (_what, origin) => {
    expect(reasonOf(await sender.send(callTo(`${origin}:${server.port}/`)))).toEqual(['tls', false]);
  });

  test('to a certificate nobody vouches for sends nothing', async () => {
    const stranger = await running(
      createServer(selfSigned('api.example'), (_request, response) => response.end()),
      'https',
    );
    const result = await sender.send(callTo(`https://api.example:${stranger.port}/`));
    await stranger.stop();
    expect(reasonOf(result)).toEqual(['tls', false]);
    expect(result.outcome).toMatchObject({
      detail: "The server's certificate is not trusted: no authority known here vouches for it.",
    });
  });

  test('to a server without TLS sends nothing', async () => {
    const plain = await rawServer(() => {});
    const result = await sender.send(callTo(`https://api.example:${plain.port}/`, { deadlineMs: 400 }));
    await plain.stop();
    expect(reasonOf(result)).toEqual(['timeout', false]);
  });

  test('to a server that breaks the handshake off sends nothing', async () => {
    const rude = await running(
      createTcpServer((socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))),
      'https',
    );
    const result = await sender.send(callTo(`https://api.example:${rude.port}/`));
    await rude.stop();
    expect(reasonOf(result)).toEqual(['tls', false]);
  });
});
