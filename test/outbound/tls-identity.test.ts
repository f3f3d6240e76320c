import { createServer, type ServerOptions } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { describe, expect, test } from '@jest/globals';
import type { TlsIdentity } from '../../src/kernel/outbound.ts';
import { authority, type Certificate, EXPIRED } from '../support/certificate.ts';
import { answer, callTo, client, failure, ownParts, type Running, running } from './clients.ts';

const own = ownParts();
const home = authority('Home authority');
const stranger = authority('Somebody else');
const first = home.issue('first');
const second = home.issue('second');

/** A server that answers with the name on the certificate it was shown, or redirects to where its query says. */
async function askingServer(options: ServerOptions = {}): Promise<Running> {
  const settings = { ...home.issue('127.0.0.1'), ca: home.cert, requestCert: true, rejectUnauthorized: false };
  const server = createServer({ ...settings, ...options }, (request, response) => {
    const to = new URL(request.url!, 'https://any.example').searchParams.getAll('to');
    if (to.length > 0) {
      const rest = to.slice(1).map((next) => `&to=${encodeURIComponent(next)}`);
      response.writeHead(307, { location: `${to[0]}?${rest.join('').slice(1)}` });
    }
    response.end(shownOn(request.socket as TLSSocket));
  });
  return own(await running(server, 'https'));
}

function shownOn(socket: TLSSocket): string {
  const { subject } = socket.getPeerCertificate();
  return subject ? String(subject.CN) : 'nobody';
}

function identity({ origin }: Running, shown: Certificate | null, authorities: string | null = home.cert): TlsIdentity {
  const certificate = shown && { certificate: shown.cert, key: shown.key };
  return { authorities, client: certificate, clientOrigins: [origin] };
}

const textOf = (result: Parameters<typeof answer>[0]) => Buffer.from(answer(result).body.bytes).toString();

describe('a server whose authority only the connection knows', () => {
  test('is believed by calls of that connection and by no other', async () => {
    const server = await askingServer();
    const sender = own(client());
    const url = `${server.origin}/`;
    expect(textOf(await sender.send(callTo(url, { tls: identity(server, null) })))).toBe('nobody');
    for (const tls of [undefined, identity(server, null, stranger.cert)]) {
      const fault = failure(await sender.send(callTo(url, tls && { tls })));
      expect(fault).toMatchObject({ reason: 'tls', sent: false, detail: expect.stringContaining('no authority') });
    }
  });

  test.each([
    ['has expired', home.issue('127.0.0.1', EXPIRED), "The server's certificate has expired."],
    ['is for somebody else', home.issue('127.0.0.2'), "The server's certificate is for another name."],
  ])('is not believed with a certificate that %s', async (_what, shown, detail) => {
    const server = await askingServer(shown);
    const result = await own(client()).send(callTo(`${server.origin}/`, { tls: identity(server, first) }));
    expect(failure(result)).toMatchObject({ reason: 'tls', sent: false, detail });
  });
});

describe('a client certificate', () => {
  test('is shown to its origins and to no other, redirects included', async () => {
    const [api, other] = [await askingServer(), await askingServer()];
    const sender = own(client());
    const tls = identity(api, first);
    const shownVia = async (url: string, origins = [api.origin, other.origin]) =>
      textOf(await sender.send(callTo(url, { tls, origins })));

    expect(await shownVia(`${api.origin}/`)).toBe('first');
    expect(await shownVia(`${other.origin}/`)).toBe('nobody');
    expect(await shownVia(`${api.origin}/?to=${other.origin}/`)).toBe('nobody');
    expect(await shownVia(`${api.origin}/?to=${api.origin}/`)).toBe('first');
    const roundabout = `${api.origin}/?to=${other.origin}/&to=${api.origin}/`;
    expect(await shownVia(roundabout)).toBe('first');
    expect(await shownVia(roundabout, [api.origin])).toBe('nobody');
  });

  test('never serves a call that shows another one or none, although the server is the same', async () => {
    const server = await askingServer();
    const sender = own(client());
    const shown = [first, second, null, first, second, null];
    const calls = shown.map((certificate) => callTo(`${server.origin}/`, { tls: identity(server, certificate) }));
    const expected = ['first', 'second', 'nobody', 'first', 'second', 'nobody'];

    const results = [];
    for (const call of calls) results.push(await sender.send(call));
    expect(results.map(textOf)).toEqual(expected);
    expect(results.map(({ hops }) => hops[0]!.reusedConnection)).toEqual([false, false, false, true, true, true]);
    expect(server.connections()).toBe(3);

    const together = await Promise.all([...calls, ...calls, ...calls].map((call) => sender.send(call)));
    expect(together.map(textOf)).toEqual([...expected, ...expected, ...expected]);
  });

  test('that does not fit its key opens no connection, and the sentence tells nothing of either', async () => {
    const server = await askingServer();
    const tls = identity(server, { cert: first.cert, key: second.key });
    const result = await own(client()).send(callTo(`${server.origin}/`, { tls }));
    expect(failure(result)).toEqual({
      kind: 'failed',
      reason: 'tls',
      detail: 'The client certificate and its key cannot be used together.',
      sent: false,
      partial: null,
    });
    expect(server.connections()).toBe(0);
  });
});

describe('a server that refuses a client', () => {
  const strict = { rejectUnauthorized: true };
  const old = { ...strict, maxVersion: 'TLSv1.2' } as const;

  test('for want of a certificate says so, after the request may have left', async () => {
    const server = await askingServer(strict);
    const result = await own(client()).send(callTo(`${server.origin}/`, { tls: identity(server, null) }));
    expect(failure(result)).toMatchObject({
      reason: 'tls',
      detail: 'The server asks for a client certificate, and it was shown none.',
      sent: true,
    });
  });

  test.each([
    ['a certificate it cannot place', stranger.issue('first')],
    ['a certificate that has ended', home.issue('first', EXPIRED)],
  ])('for %s without saying so is suspected of it', async (_what, shown) => {
    const server = await askingServer(strict);
    const tls = identity(server, shown);
    const { reason, detail, sent } = failure(await own(client()).send(callTo(`${server.origin}/`, { tls })));
    expect([reason, sent]).toEqual(['protocol', true]);
    expect(detail).toContain('it may have refused our client certificate');
  });

  test('before the request under TLS 1.2 has had nothing of it', async () => {
    const server = await askingServer(old);
    const sender = own(client());
    for (const shown of [null, stranger.issue('first')]) {
      const result = await sender.send(callTo(`${server.origin}/`, { tls: identity(server, shown) }));
      expect(failure(result)).toMatchObject({ reason: 'tls', sent: false });
    }
  });
});
