import { describe, expect, test } from '@jest/globals';
import { openApp } from '../support/app.ts';
import { join } from '../support/people.ts';

describe('an edit that this person may not make', () => {
  test('gives the form back with what was typed, the reason, and nothing saved', async () => {
    await using app = await openApp();
    const owner = await app.owner();
    const editor = await join(app, 'editor');
    const fields = { name: 'Partner', slug: 'partner', baseUrl: 'http://127.0.0.1:9/v1', authType: 'none' };
    await owner.post('/connections', fields);

    const typed = { ...fields, name: 'Renamed partner', baseUrl: 'http://127.0.0.1:10/v1' };
    const { status, text } = await editor.post('/connections/partner', typed);

    expect(status).toBe(403);
    expect(text).toContain('Only an owner may change the base URL&#39;s host.');
    expect(text).toContain('value="Renamed partner"');
    expect(text).toContain('value="http://127.0.0.1:10/v1"');
    expect((await owner.get('/connections/partner')).text).toContain('http://127.0.0.1:9/v1');
  });
});
