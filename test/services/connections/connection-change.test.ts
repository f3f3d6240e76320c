import { describe, expect, test } from '@jest/globals';
import type { OAuth2Settings } from '../../../src/kernel/auth.ts';
import { changeOfAuth } from '../../../src/services/connections/connection-change.ts';
import { readConnectionInput } from '../../../src/services/connections/connection-input.ts';
import { settingsWith } from '../../oauth/answers.ts';

const ELSEWHERE = 'https://elsewhere.example/';
const SECRETS = { clientSecret: 'the secret that is held', dpopKey: 'the key that is held' };
const NOTHING = { accessToken: undefined, refreshToken: undefined, expiresIn: null };

const settings = settingsWith({ issuer: 'https://id.partner.example' });
const input = readConnectionInput({ name: 'A', baseUrl: 'https://api.partner.example', auth: { type: 'none' } });
const was = {
  baseUrl: input.baseUrl,
  origins: [],
  resendUnsafeOn401: true,
  unmaskNames: [],
  certificateAuthorities: null,
  auth: settings,
  secrets: SECRETS,
  holds: true,
};
const changed = (others: Partial<OAuth2Settings>) =>
  changeOfAuth('owner', was, input, { settings: { ...settings, ...others }, secrets: {}, pasted: NOTHING });

describe('an edit by an owner', () => {
  test.each(Object.keys(settings).filter((name) => /url$/i.test(name) || name === 'issuer'))(
    'forgets what is held where it changes %s alone',
    (name) => {
      expect(changed({ [name]: ELSEWHERE })).toEqual({ wipes: true, touchesGrant: true, secrets: {} });
    },
  );

  test.each<[string, Partial<OAuth2Settings>]>([
    ['the scope', { scope: 'more' }],
    ['a parameter', { parameters: [{ phase: 'token', in: 'body', name: 'a', value: 'b' }] }],
    ['a quirk', { quirks: { ...settings.quirks, jsonBody: true } }],
    ['proofs', { dpop: true }],
  ])('keeps it where it changes %s', (_what, others) => {
    expect(changed(others)).toEqual({ wipes: false, touchesGrant: true, secrets: SECRETS });
  });

  test('touches nothing where it says again what is, in another order', () => {
    const turned = Object.fromEntries(Object.entries(settings).toReversed()) as unknown as OAuth2Settings;
    const quirks = Object.fromEntries(
      Object.entries(settings.quirks).toReversed(),
    ) as unknown as OAuth2Settings['quirks'];
    expect(changed({ ...turned, quirks })).toEqual({ wipes: false, touchesGrant: false, secrets: SECRETS });
  });
});
