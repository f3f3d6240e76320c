import { describe, expect, test } from '@jest/globals';
import { readRevocationReply } from '../../src/oauth/revocation.ts';
import { answered, failed, resultOf } from './answers.ts';

describe('The answer to a revocation', () => {
  test.each([200, 204])('is a yes with %d', (status) => {
    expect(readRevocationReply(resultOf(answered(status, '')))).toEqual({ kind: 'revoked' });
  });

  test.each([
    [answered(400, { error: 'unsupported_token_type' }), 'unsupported_token_type'],
    [answered(401, { error: 'invalid_client' }), 'invalid_client'],
    [answered(503, '<h1>Sorry</h1>'), 'http-503'],
    [answered(302, ''), 'http-302'],
    [failed('timeout', true), 'timeout'],
    [failed('connect', false), 'connect'],
  ])('is a no otherwise, with a reason', (outcome, code) => {
    expect(readRevocationReply(resultOf(outcome))).toMatchObject({ kind: 'failed', code });
  });
});
