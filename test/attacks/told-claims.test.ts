import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openStage, type Stage } from '../services/grants/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const page = async (claims: object) => {
  const { slug } = await stage.hold({ accessToken: `${part({ alg: 'ES256' })}.${part(claims)}.c2lnbmF0dXJl` });
  return stage.owner.get(`/connections/${slug}/grant`);
};

describe('an access token whose claims were written to do harm', () => {
  test('tells no part of a secret that begins before the place where a claim is cut', async () => {
    const clientSecret = stage.provider.clientSecret ?? '';
    const known = clientSecret.slice(0, -1);
    const filling = 'x '.repeat(600).slice(0, 1_000 - known.length);

    const { text } = await page({ note: `${filling}${clientSecret}`, [`${filling}${clientSecret}`]: 1 });

    expect(text).toContain('x x x');
    expect(text).not.toContain(known);
  });

  test('writes no markup into the page, in names, texts and nested members', async () => {
    const evil = '<script>alert(1)</script>';

    const { status, text } = await page({ [evil]: evil, nested: { [evil]: [evil] }, __proto__: null, exp: 9e99 });

    expect(status).toBe(200);
    expect(text).not.toContain(evil);
  });
});
