import { describe, expect, test } from '@jest/globals';
import { openApi } from '../../support/api.ts';
import { openApp } from '../../support/app.ts';
import { hold, openProvider } from '../../support/provider.ts';
import { openStage } from './stage.ts';

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

describe('more grants of one provider than it may be asked for at once', () => {
  test('wait before they take their leases, which must not run out in a line', async () => {
    await using stage = await openStage();
    const slugs = await Promise.all(Array.from({ length: 12 }, () => stage.connect()));
    const held = slugs.slice(0, 8).map(() => hold('answer'));
    stage.provider.next(...held.map(({ fault }) => fault));

    const kept = Promise.all(slugs.map((slug) => stage.keep(slug)));
    await Promise.all(held.map(({ reached }) => reached));
    const grants = await Promise.all(slugs.map((slug) => stage.grant(slug)));
    for (const blocked of held) blocked.release();

    expect(grants.filter(({ leaseInstance }) => leaseInstance !== null)).toHaveLength(8);
    expect((await kept).map(({ generation }) => generation)).toEqual(slugs.map(() => 1));
    expect(stage.provider.asked.total).toBe(12);
  });
});
