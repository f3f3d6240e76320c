import { describe, expect, test } from '@jest/globals';
import { openApi } from '../support/api.ts';
import { openApp } from '../support/app.ts';
import { openProvider } from '../support/provider.ts';

describe('the request of an exchange as something else would send it', () => {
  test('stands on a page for each format, and is a file', async () => {
    await using provider = await openProvider();
    await using api = await openApi({ provider });
    await using app = await openApp();
    const owner = await app.owner();
    const slug = await owner.connect({ provider, apiOrigin: api.origin });
    const id = await owner.call(slug, 'POST', '/orders?a=1', { body: `{"item":"it's <b>"}`, contentType: 'json' });

    const page = await owner.get(`/exchanges/${id}`);
    expect(page.text).toContain(`href="/exchanges/${id}/as/curl"`);
    const curl = await owner.get(`/exchanges/${id}/as/curl`);
    expect(curl.status).toBe(200);
    expect(curl.text).toContain('curl --request POST');
    expect(curl.text).toContain('&quot;item&quot;:&quot;it&#39;\\&#39;&#39;s &lt;b&gt;');
    expect(curl.text).toContain('${AUTHORIZATION:?is not set}');
    for (const format of ['httpie', 'fetch', 'python', 'http'])
      expect(curl.text).toContain(`href="/exchanges/${id}/as/${format}"`);

    const file = await owner.get(`/exchanges/${id}/as/http/file`);
    expect(file.headers.get('content-disposition')).toBe(`attachment; filename="${id}.http"`);
    expect(file.text).toMatch(/^POST \/orders\?a=1 HTTP\/1\.1\r\n/);
    expect(file.text.endsWith(`\r\n\r\n{"item":"it's <b>"}`)).toBe(true);

    for (const path of [`/exchanges/${id}/as/word`, `/exchanges/${id}/as/word/file`, '/exchanges/none/as/curl'])
      expect([path, (await owner.get(path)).status]).toEqual([path, 404]);
  });
});
