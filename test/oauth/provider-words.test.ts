import { describe, expect, test } from '@jest/globals';
import type { Outcome } from '../../src/kernel/exchange.ts';
import { readTokenReply } from '../../src/oauth/token-reply.ts';
import { answered, CLIENT_SECRET, jwtWith, REFRESH_TOKEN, resultOf, settingsWith } from './answers.ts';

const read = (outcome: Outcome) => readTokenReply(resultOf(outcome), settingsWith());

async function detailOf(error_description: unknown): Promise<string> {
  const reply = await read(answered(400, { error: 'invalid_grant', error_description }));
  return 'detail' in reply ? reply.detail : '';
}

describe('What a provider says in its own words', () => {
  test('is quoted', async () => {
    expect(await detailOf('The grant has expired.')).toContain('It says: “The grant has expired.”');
  });

  test.each([
    ['the refresh token', REFRESH_TOKEN, REFRESH_TOKEN],
    ['the client secret', CLIENT_SECRET, CLIENT_SECRET],
    ['the client secret, percent-encoded', encodeURIComponent(CLIENT_SECRET), encodeURIComponent(CLIENT_SECRET)],
    ['a JWT', jwtWith({ sub: 'me' }), jwtWith({ sub: 'me' })],
    ['a token nobody knows', 'A9f3kd0s8GHslq02mdLQ7812xmzPQ', 'A9f3kd0s8GHslq02mdLQ7812xmzPQ'],
  ])('does not repeat %s', async (_what, secret, hidden) => {
    const detail = await detailOf(`Token ${secret} is not known`);
    expect(detail).not.toContain(hidden);
    expect(detail).toContain('*redacted* is not known');
  });

  test('does not show what a cut left of a secret', async () => {
    expect(await detailOf(`${'word '.repeat(38)}${REFRESH_TOKEN}`)).not.toMatch(/old-refresh/);
  });

  test('keeps a trace id', async () => {
    const id = '0193f1c2-7a52-7c3e-9b1d-3f1f6f0a2b4c';
    expect(await detailOf(`Trace ${id}`)).toContain(id);
  });

  test('is short and printable', async () => {
    const detail = await detailOf(`a\u0000b\u001b[31m\u202Ec${' d'.repeat(5000)}`);
    expect(detail.length).toBeLessThan(300);
    expect(detail).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  test.each([[{ a: 1 }], [null], [12], ['']])('is left out where it is %j', async (words) => {
    expect(await detailOf(words)).toBe('The provider refused the grant.');
  });

  test('does not become a code when it is a token', async () => {
    const reply = await read(answered(400, { error: REFRESH_TOKEN }));
    expect(reply).toMatchObject({ kind: 'transient', code: 'http-400' });
    expect(JSON.stringify(reply)).not.toContain(REFRESH_TOKEN);
  });

  test('does not become a code when it is a sentence', async () => {
    expect(await read(answered(400, { error: 'No such <b>thing</b>' }))).toMatchObject({ code: 'http-400' });
  });
});
