import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { receive } from '../../support/received.ts';
import { openDesk } from './desk.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('a body beyond what is kept', () => {
  test('passes whole, is kept up to the cap and counted to its end', async () => {
    await using small = await openDesk({}, { MAX_BODY_BYTES: '100000' });
    const bytes = Buffer.alloc(400_000, 'abcdefghij');
    small.api(async (request, response) => {
      await receive(request);
      response.writeHead(200, { 'content-type': 'text/plain' }).end(bytes);
    });
    const answer = await small.ask('/', { method: 'PUT', body: bytes, headers: ['Content-Length', '400000'] });
    expect(answer.body.equals(bytes)).toBe(true);
    const { requestBody, responseBody } = await small.settled(answer.id);
    const all = { wireBytes: 400_000, wireSha256: sha256(bytes) };
    expect(requestBody).toEqual({
      bytes: 100_000,
      sha256: sha256(bytes.subarray(0, 100_000)),
      truncated: true,
      ...all,
    });
    expect(responseBody).toMatchObject({
      bytes: 100_000,
      truncated: true,
      wireBytes: 400_000,
      wireSha256: sha256(bytes),
    });
  });

  test('that held a secret is known by its length alone: the hash would tell what was masked', async () => {
    await using small = await openDesk({}, { MAX_BODY_BYTES: '100000' });
    small.api(async (request, response) => {
      await receive(request);
      response.end();
    });
    await small.ask('/');
    const bytes = Buffer.concat([Buffer.from(small.token()), Buffer.alloc(200_000, 'abc')]);
    const answer = await small.ask('/', {
      method: 'PUT',
      body: bytes,
      headers: ['Content-Length', String(bytes.length)],
    });
    const { requestBody } = await small.settled(answer.id);
    expect(requestBody).toMatchObject({ truncated: true, wireBytes: bytes.length });
    expect(requestBody).not.toHaveProperty('wireSha256');
  });

  test('is told of with its whole length in an API’s reply and in a HAR', async () => {
    await using small = await openDesk({}, { MAX_BODY_BYTES: '1000' });
    small.api(async (request, response) => {
      await receive(request);
      response.end();
    });
    const bytes = Buffer.alloc(5000, 'abc');
    const answer = await small.ask('/', { method: 'PUT', body: bytes, headers: ['Transfer-Encoding', 'chunked'] });
    await small.settled(answer.id);
    const owner = await small.app.owner();
    const told = (await owner.get(`/api/v1/exchanges/${answer.id}`)).json();
    expect(told['requestBody']).toMatchObject({ bytes: 1000, wireBytes: 5000, wireSha256: sha256(bytes) });
    const har = (await owner.get(`/exchanges/${answer.id}/har`)).json<{ log: { entries: { request: object }[] } }>();
    expect(har.log.entries[0]?.request).toMatchObject({ bodySize: 5000 });
  });
});
