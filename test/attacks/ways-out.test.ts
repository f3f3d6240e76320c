import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { dial, type Desk, openDesk, said } from '../web/proxy/desk.ts';

let desk: Desk;
let asked = 0;

beforeAll(async () => {
  desk = await openDesk();
  desk.api((request, response) => {
    asked += 1;
    request.resume();
    request.on('end', () => response.end('ok'));
  });
}, 60_000);
afterAll(async () => desk[Symbol.asyncDispose]());

async function status(head: string, more = ''): Promise<string | undefined> {
  const socket = await dial(desk.app);
  const { host } = new URL(desk.app.url);
  socket.write(`${head}\r\nHost: ${host}\r\nConnection: close\r\nAuthorization: Bearer ${desk.key}\r\n${more}`);
  return /^HTTP\/1\.1 (\d+)/.exec(await said(socket))?.[1];
}

describe('a path that a lenient API might follow out of the base path', () => {
  test.each([
    '/..%3b/x',
    '/..%3Ba=b/x',
    '/%252e%252e/x',
    '/%2525%32e/../../x',
    '/..%252f..%252fx',
    '/a/..%253b/..%5cx',
  ])('%s goes nowhere', async (path) => {
    const before = asked;
    expect(await status(`GET /proxy/${desk.slug}${path} HTTP/1.1`, '\r\n')).toBe('422');
    expect(asked).toBe(before);
  });

  test.each(['/100%25', '/a%252Fb', '/a%3bb/c', '/%25', '/a/..%3b/b'])('%s stays inside and is sent', async (path) => {
    expect(await status(`GET /proxy/${desk.slug}${path} HTTP/1.1`, '\r\n')).toBe('200');
  });
});

describe('a body in a transfer coding that would be lost on the way', () => {
  test('is refused, and chunks alone are not', async () => {
    const chunks = '3\r\nabc\r\n0\r\n\r\n';
    const head = `POST /proxy/${desk.slug}/x HTTP/1.1`;
    const before = asked;
    expect(await status(head, `Transfer-Encoding: gzip, chunked\r\n\r\n${chunks}`)).toBe('400');
    expect(asked).toBe(before);
    expect(await status(head, `Transfer-Encoding: Chunked\r\n\r\n${chunks}`)).toBe('200');
  });
});
