import { describe, expect, test } from '@jest/globals';
import { session } from '../../src/db/session.ts';
import { withSystem } from '../../src/db/system.ts';
import { Connection } from '../../src/model/connection.ts';
import { openApp } from '../support/app.ts';

describe('CALL_TIMEOUT_MS', () => {
  test('is the deadline of a connection that names none, and what the form offers', async () => {
    await using app = await openApp({ CALL_TIMEOUT_MS: '12345' });
    const owner = await app.owner();
    const fields = { baseUrl: 'http://127.0.0.1:9', authType: 'none' };
    await owner.post('/connections', { ...fields, name: 'Silent', slug: 'silent' });
    await owner.post('/connections', { ...fields, name: 'Own', slug: 'own', timeoutMs: '500' });

    expect((await owner.get('/connections/new')).text).toContain('value="12345"');
    const rows = await withSystem(() => session.find(Connection, {}, { orderBy: { slug: 'asc' } }));
    expect(rows.map(({ slug, timeoutMs }) => [slug, timeoutMs])).toEqual([
      ['own', 500],
      ['silent', 12_345],
    ]);
  });
});
