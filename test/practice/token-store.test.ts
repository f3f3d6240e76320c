import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { systemClock } from '../../src/kernel/clock.ts';
import { systemRandom } from '../../src/kernel/ids.ts';
import { firstState } from '../../src/practice/practice-state.ts';
import { StateFile } from '../../src/practice/state-file.ts';
import { TokenStore } from '../../src/practice/token-store.ts';

test('A refresh token that two callers spend at once is spent once, and its family ends', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'practice-'));
  const file = await StateFile.open(join(folder, 'practice.json'), () => firstState(systemRandom));
  const store = new TokenStore('RefreshToken', file, systemClock);
  await store.upsert('mine', { grantId: 'g1' }, 60);
  await store.upsert('newer', { grantId: 'g1' }, 60);
  await store.upsert('theirs', { grantId: 'g2' }, 60);

  await store.consume('mine');
  await expect(store.consume('mine')).rejects.toMatchObject({ error: 'invalid_grant' });
  expect([await store.find('mine'), await store.find('newer')]).toEqual([undefined, undefined]);
  expect(await store.find('theirs')).toMatchObject({ grantId: 'g2' });
});
