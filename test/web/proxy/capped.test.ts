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
    expect(requestBody).toEqual({ bytes: 100_000, sha256: sha256(bytes.subarray(0, 100_000)), truncated: true });
    expect(responseBody).toMatchObject({
      bytes: 100_000,
      truncated: true,
      wireBytes: 400_000,
      wireSha256: sha256(bytes),
    });
  });
});
