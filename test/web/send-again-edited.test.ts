import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { composerPrefill } from '../../src/web/presenters/composer-prefill.ts';
import { openApi } from '../support/api.ts';
import { openApp } from '../support/app.ts';
import { formFields } from '../support/form-fields.ts';

const SECRET = 'hunter-two-hunter-two';

describe('a call that is opened in the composer once more', () => {
  test('marks the places where a secret stood, sends when they are written, and not before', async () => {
    await using at = await opened();
    const headers = `X-Api-Key: ${SECRET}\nX-Plain: yes`;
    const body = JSON.stringify({ user: 'ann', password: SECRET });
    const id = await at.owner.call('a', 'POST', `/log-in?api_key=${SECRET}`, { headers, body, contentType: 'json' });

    const page = await at.owner.get(`/connections/a?exchange=${id}`);

    for (const [field, place] of [
      ['path', 'the path'],
      ['headers', 'X-Api-Key'],
      ['body', 'the body'],
    ] as const)
      expect(fault(page.text, field)).toContain(`*redacted* stands in ${place} where a secret was`);
    expect(page.text).toContain('X-Plain: yes');
    expect(page.text).not.toContain(SECRET);

    const asItIs = {
      method: 'POST',
      path: '/log-in',
      headers: '',
      body: '{"password":"*redacted*"}',
      contentType: 'json',
    };
    expect((await at.owner.post('/connections/a/exchanges', asItIs)).status).toBe(422);
    expect(at.api.log).toHaveLength(1);
    await at.owner.call('a', 'POST', '/log-in', { body, contentType: 'json' });
    expect(at.api.log[1]?.body.toString()).toBe(body);
  });

  test('is not marked where nothing was masked', async () => {
    await using at = await opened();
    const id = await at.owner.call('a', 'POST', '/orders', { body: '{"n": 1}', contentType: 'json' });

    const { text } = await at.owner.get(`/connections/a?exchange=${id}`);

    expect(text).toContain('{&quot;n&quot;: 1}');
    expect(text).not.toContain('aria-invalid');
  });

  test('is what Send again leads to where a secret stood, and not where nothing has to be written', async () => {
    await using at = await opened();
    const masked = await at.owner.call('a', 'GET', `/orders?api_key=${SECRET}`);
    const plain = await at.owner.call('a', 'GET', '/orders');
    const again = (id: string) => at.owner.post(`/exchanges/${id}/replays`, {});

    expect(await again(masked)).toMatchObject({ status: 303, location: `/connections/a?exchange=${masked}` });
    expect((await again(plain)).location).toMatch(/^\/exchanges\/[0-9a-f-]{36}$/);
    expect(at.api.log).toHaveLength(3);
  });

  test('says that a body which was cut is left out', async () => {
    await using at = await opened({ MAX_BODY_BYTES: '65536' });
    const body = 'x'.repeat(65_537);
    const id = await at.owner.call('a', 'POST', '/orders', { body, contentType: 'text' });

    const { text } = await at.owner.get(`/connections/a?exchange=${id}`);

    expect(fault(text, 'body')).toContain('Only the first 64 KiB of this body are on record');
    expect(text).not.toContain('xxxxxxxx');
  });

  test.each([
    ['a multipart form', '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\none\r\n--b--\r\n'],
    ['text with line ends of its own at the beginning', '\r\n\r\nlater'],
    ['text with plain line ends', '\none\ntwo\n'],
    ['text of one line', '\ufeffone'],
  ])('goes out with the bytes that are on record, where it is %s', async (_, body) => {
    await using at = await opened();
    const id = await at.sent(body);

    const { text } = await at.owner.get(`/connections/a?exchange=${id}`);
    const { status } = await at.owner.post('/connections/a/exchanges', formFields(text, '/connections/a/exchanges'));

    expect([fault(text, 'body'), status]).toEqual(['', 303]);
    expect(at.api.log.map((call) => sha256(call.body))).toEqual([sha256(body), sha256(body)]);
  });

  test.each([
    ['line ends of two kinds', 'a\r\nb\nc', 'its line ends are neither all LF nor all CR LF'],
    ['line ends of two kinds, the other first', 'a\nb\r\nc', 'its line ends are neither all LF nor all CR LF'],
    ['a CR alone', 'a\rb', 'its line ends are neither all LF nor all CR LF'],
    ['a NUL', 'a\0b', 'it holds a NUL, for which a text field has no place'],
  ])('says that it is changed where it has %s', async (_, body, why) => {
    await using at = await opened();
    const id = await at.sent(body);

    const { text } = await at.owner.get(`/connections/a?exchange=${id}`);

    expect(fault(text, 'body')).toBe(
      `Sent from here, this body is changed: ${why}. To send it as it was, use Send again on the exchange.`,
    );
    expect(formFields(text, '/connections/a/exchanges').body).toMatch(/^a/);
    await at.owner.post(`/exchanges/${id}/replays`, {});
    expect(at.api.log.map((call) => sha256(call.body))).toEqual([sha256(body), sha256(body)]);
  });

  test('marks both the secret to be written and the line ends', async () => {
    await using at = await opened();
    const id = await at.sent(`password=${SECRET}&a=b\r\n\n`, 'application/x-www-form-urlencoded');

    const { text } = await at.owner.get(`/connections/a?exchange=${id}`);

    expect(fault(text, 'body')).toMatch(/stands in the body where a secret was.* this body is changed/);
  });

  test('says that a body which is no text is left out, and sends nobody in a circle', () => {
    const prefilled = (baseUrl: string, requestBytes: Buffer) =>
      composerPrefill({
        connection: { baseUrl, headers: [], auth: { type: 'none' } },
        exchange: {
          method: 'PUT',
          url: 'https://api.example/picture',
          requestHeaders: [['Content-Type', 'image/png']],
          requestBody: { bytes: 3, sha256: '', truncated: false },
        },
        requestBytes,
        choiceOf: () => null,
      });
    const bytes = Buffer.from([0xff, 0xd8, 0]);
    const { values, faults } = prefilled('https://api.example', bytes);

    expect(values).toMatchObject({ path: '/picture', headers: 'Content-Type: image/png', body: '' });
    expect(faults).toEqual([
      { pointer: '/body', detail: expect.stringMatching(/is no UTF-8 text and is left out\. .* use Send again/) },
    ]);
    for (const other of [
      prefilled('https://elsewhere.example', bytes),
      prefilled('https://api.example', Buffer.concat([bytes, Buffer.from('*redacted*')])),
    ])
      expect(other.faults).toEqual([{ pointer: '/body', detail: expect.stringMatching(/left out\. A program can/) }]);
  });
});

function sha256(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}

/** What stands as an error under a field. */
function fault(page: string, field: string): string {
  return new RegExp(`id="${field}-error"[^>]*>([^<]*)<`).exec(page)?.[1] ?? '';
}

async function opened(settings: Record<string, string> = {}) {
  const api = await openApi();
  const app = await openApp(settings);
  const owner = await app.owner();
  await owner.post('/connections', {
    name: 'A',
    slug: 'a',
    baseUrl: api.origin,
    timeoutMs: '1000',
    width: '8',
    authType: 'none',
  });
  return {
    api,
    owner,
    /** Sends a body byte for byte, as a program does; gives the exchange's id. */
    async sent(body: string, type = 'text/plain') {
      const bodyBase64 = Buffer.from(body).toString('base64');
      const call = { method: 'POST', path: '/orders', headers: [['Content-Type', type]], bodyBase64 };
      return (await owner.postJson('/api/v1/connections/a/exchanges', call)).json<{ id: string }>().id;
    },
    async [Symbol.asyncDispose]() {
      await app[Symbol.asyncDispose]();
      await api[Symbol.asyncDispose]();
    },
  };
}
