import { expect, jest, test } from '@jest/globals';
import { revocationRequest } from '../../src/oauth/revocation.ts';
import { Browser } from './browser.ts';
import { Practising, sent, TOOLS } from './practising.ts';

// In a file of its own: the library says each of its warnings only once in a process.
test('The practice provider writes nothing on the console', async () => {
  const methods = ['log', 'info', 'warn', 'error', 'debug'] as const;
  const spies = methods.map((method) => jest.spyOn(console, method).mockImplementation(() => undefined));
  try {
    await using at = await Practising.start();
    const { refreshToken, accessToken } = await at.consent();
    await at.refresh(refreshToken);
    await at.ask({ kind: 'client-credentials' }, { ...at.settings, scope: 'orders' });
    const secrets = { clientSecret: at.practice.client.secret };
    await sent(await revocationRequest(at.settings, secrets, accessToken, 'access_token', TOOLS));
    const places = ['/nowhere', '/.well-known/openid-configuration', '/jwks', '/me', '/auth', '/api/orders'];
    await Promise.all(places.map((place) => new Browser().get(at.origin + place)));

    expect(spies.flatMap((spy) => spy.mock.calls)).toEqual([]);
    expect(at.log.lines).toEqual([]);
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
});
