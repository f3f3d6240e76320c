import { describe, expect, test } from '@jest/globals';
import { decodedJwt } from '../../src/oauth/jwt-claims.ts';

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const HEADER = part({ alg: 'ES256', typ: 'at+jwt' });

describe('a JWT', () => {
  test('tells its header and claims as text, times as moments, and never its signature', () => {
    const decoded = decodedJwt(
      `${HEADER}.${part({ sub: 'ada', exp: 1_795_394_811, aud: ['a', 'b'], n: { x: [1] } })}.c2ln`,
    );

    expect(decoded).toEqual({
      header: [
        { name: 'alg', text: 'ES256', at: null },
        { name: 'typ', text: 'at+jwt', at: null },
      ],
      claims: [
        { name: 'sub', text: 'ada', at: null },
        { name: 'exp', text: '1795394811', at: new Date(1_795_394_811_000) },
        { name: 'aud', text: 'a, b', at: null },
        { name: 'n', text: '{"x":[1]}', at: null },
      ],
    });
    expect(JSON.stringify(decoded)).not.toContain('c2ln');
  });

  test.each([1e300, -1, '1795394811', null])('tells no moment of a time that is none: %s', (exp) => {
    expect(decodedJwt(`${HEADER}.${part({ exp })}.c2ln`)?.claims).toMatchObject([{ name: 'exp', at: null }]);
  });

  test('of any size is shown in part', () => {
    const claims = Object.fromEntries(Array.from({ length: 500 }, (_, number) => [`c${number}`, 'x'.repeat(5_000)]));
    const shown = decodedJwt(`${HEADER}.${part(claims)}.c2ln`)?.claims ?? [];

    expect(shown).toHaveLength(100);
    expect(shown[0]?.text).toHaveLength(1_001);
  });
});

describe('what is no signed JWT', () => {
  const deep = Buffer.from(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`).toString('base64url');

  test.each([
    ['an opaque token', 'access-4711'],
    ['an encrypted one', 'a.b.c.d.e'],
    ['dots and no JSON', 'a.b.c'],
    ['a list', `${HEADER}.${part([1])}.c2ln`],
    ['no algorithm', `${part({ typ: 'JWT' })}.${part({ sub: 'x' })}.c2ln`],
    ['claims as deep as a stack', `${HEADER}.${deep}.c2ln`],
    ['nothing', ''],
  ])('%s is not decoded', (_what, token) => {
    expect(decodedJwt(token)).toBeNull();
  });
});
