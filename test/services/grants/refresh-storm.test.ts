import { describe, expect, test } from '@jest/globals';
import { openApi } from '../../support/api.ts';
import { openApp } from '../../support/app.ts';
import { openProvider } from '../../support/provider.ts';

describe('five hundred tabs at the moment a token ends', () => {
  test('make one token call and agree on the generation', async () => {
    await using provider = await openProvider({ accessTokenSeconds: 60 });
    await using api = await openApi({ provider });
    await using app = await openApp();
    const owner = await app.owner();
    const { refreshToken } = provider.issueGrant();
    const slug = await owner.connect({ provider, apiOrigin: api.origin, grantType: 'refresh_token', refreshToken });
    const first = await owner.told(slug);
    app.clock.advance(61_000);
    const before = provider.asked.total;

    const told = await Promise.all(Array.from({ length: 500 }, () => owner.told(slug)));

    expect(first).toMatchObject({ state: 'fresh', generation: 2 });
    expect(provider.asked.total - before).toBe(1);
    expect(new Set(told.map(({ state, generation }) => `${state} ${generation}`))).toEqual(new Set(['fresh 3']));
    expect(provider.asked).toMatchObject({ doubleSpends: 0, familiesRevoked: 0 });
  });
});
