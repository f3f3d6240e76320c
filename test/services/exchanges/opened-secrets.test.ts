import { randomBytes } from 'node:crypto';
import { setTimeout as elapse } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import type { CallableConnection } from '../../../src/db/queries/callable-connections.ts';
import type { HeldGrant } from '../../../src/db/queries/held-grant.ts';
import { systemRandom } from '../../../src/kernel/ids.ts';

import { loadKeys } from '../../../src/secrets/keys.ts';
import { openVault } from '../../../src/secrets/vault.ts';
import { OpenedSecrets } from '../../../src/services/exchanges/opened-secrets.ts';
import { sealSecrets } from '../../../src/services/grants/held-secrets.ts';

const keys = loadKeys({ appKey: randomBytes(32).toString('base64'), file: '', random: systemRandom });
const sealing = openVault(keys, systemRandom);

/** A vault that counts what it opens, and a connection with one secret sealed in it. */
function bench(idleMs?: number) {
  let opened = 0;
  const vault = {
    ...sealing,
    open: (...sealed: Parameters<typeof sealing.open>) => {
      opened += 1;
      return sealing.open(...sealed);
    },
  };
  const connection = (id: string, secret: string, updatedAt = 0) =>
    ({
      id,
      auth: { type: 'oauth2', clientId: 'client-1' },
      maskNames: [],
      unmaskNames: [],
      updatedAt: new Date(updatedAt),
      sealedSecrets: sealSecrets(sealing, id, { clientSecret: secret }),
    }) as unknown as CallableConnection;
  const grant = (generation: number, token: string) => () =>
    Promise.resolve({
      id: 'g',
      generation,
      sealedAccessToken: sealing.seal(token, { table: 'grant', column: 'sealed_access_token', row: 'g' }),
      sealedRefreshToken: null,
      sealedPreviousRefreshToken: null,
    } as unknown as HeldGrant);
  const secrets = new OpenedSecrets({ vault, ...(idleMs !== undefined && { idleMs }) });
  return { secrets, connection, grant, opened: () => opened };
}

describe('secrets of a connection in use', () => {
  test('are opened once, and the grant is read once, while nothing moves', async () => {
    const { secrets, connection, grant, opened } = bench();
    const one = connection('c1', 'first-secret');

    const first = await secrets.of(one, 3, grant(3, 'token-of-three'));
    const again = await secrets.of(one, 3, () => Promise.reject(new Error('The grant was read again.')));

    expect(again).toBe(first);
    expect(opened()).toBe(2);
    expect(first.masker.text('token-of-three first-secret')).toBe('*redacted* *redacted*');
  });

  test('are opened anew for another generation, other secrets and another edit, and the old ones are gone', async () => {
    const { secrets, connection, grant } = bench();
    const one = connection('c1', 'first-secret');
    await secrets.of(one, 3, grant(3, 'token-of-three'));

    const moved = await secrets.of(one, 4, grant(4, 'token-of-four'));
    const replaced = await secrets.of(connection('c1', 'second-secret'), 4, grant(4, 'token-of-four'));
    const edited = await secrets.of(connection('c1', 'second-secret', 1), 4, grant(4, 'token-anew'));

    expect(moved.tokens).toEqual(['token-of-four']);
    expect(moved.masker.text('token-of-three')).toBe('token-of-three');
    expect(replaced.secrets).toEqual({ clientSecret: 'second-secret' });
    expect(edited.tokens).toEqual(['token-anew']);
    expect(secrets.size).toBe(1);
  });

  test('never grow beyond so many connections', async () => {
    const { secrets, connection, grant } = bench();

    for (let number = 0; number < 100; number += 1)
      await secrets.of(connection(`c${number}`, 'some-secret'), 1, grant(1, 'some-token'));

    expect(secrets.size).toBe(64);
  });

  test('are dropped when nobody calls any more', async () => {
    const { secrets, connection, grant } = bench(5);
    await secrets.of(connection('c1', 'some-secret'), 1, grant(1, 'some-token'));
    const before = secrets.size;

    while (secrets.size > 0) await elapse(1);

    expect(before).toBe(1);
  });
});
