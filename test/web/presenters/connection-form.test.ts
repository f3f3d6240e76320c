import { describe, expect, test } from '@jest/globals';
import { connectionForm } from '../../../src/web/presenters/connection-form.ts';
import { connectionValues, NEW_CONNECTION, typedValues } from '../../../src/web/presenters/connection-values.ts';
import { faultsByField } from '../../../src/web/presenters/field-faults.ts';
import { PLANTED, sampleConnection } from '../views/samples.ts';

const PARTS = {
  slug: null,
  name: null,
  faults: [],
  held: [],
  redirectUri: 'http://x/consent/callback',
} as const;

describe('the form of a kept connection', () => {
  test('has its settings as text', () => {
    const values = connectionValues(
      sampleConnection({
        headers: [
          ['A', '1'],
          ['a', '2'],
        ],
        origins: ['https://b.example'],
      }),
    );
    expect(values).toMatchObject({
      headers: 'A: 1\na: 2',
      origins: 'https://b.example',
      replaySeconds: '20',
      marginSeconds: '',
    });
  });

  test('has none of its secrets', () => {
    const form = connectionForm({ ...PARTS, values: connectionValues(sampleConnection()), held: ['clientSecret'] });
    expect(JSON.stringify(form)).not.toContain(PLANTED);
    expect(form.held).toMatchObject({ clientSecret: true, bearerToken: false });
  });

  test.each([
    [
      { type: 'basic', username: 'ada' },
      { authType: 'basic', basicUsername: 'ada', tokenUrl: '' },
    ],
    [
      { type: 'apiKey', in: 'query', name: 'k' },
      { authType: 'apiKey', apiKeyIn: 'query', apiKeyName: 'k' },
    ],
    [{ type: 'bearer' }, { authType: 'bearer' }],
    [{ type: 'none' }, { authType: 'none' }],
  ] as const)('knows %j', (auth, expected) => {
    expect(connectionValues(sampleConnection({ auth }))).toMatchObject(expected);
  });
});

describe('a form that came back', () => {
  const fields = { name: ' Ada ', keepAlive: 'on', bearerToken: PLANTED, clientSecret: PLANTED, scope: ['a', 'b'] };

  test('keeps what was typed and leaves the secrets behind', () => {
    const values = typedValues(fields);
    expect(values).toMatchObject({ name: ' Ada ', keepAlive: true, resendUnsafeOn401: false, scope: '' });
    expect(JSON.stringify(connectionForm({ ...PARTS, values }))).not.toContain(PLANTED);
  });

  test('has each fault at its field, and the rest above', () => {
    const faults = [
      { pointer: '/auth/tokenUrl', detail: 'url' },
      { pointer: '/auth/value', detail: 'key' },
      { pointer: '/headers/0/1', detail: 'first' },
      { pointer: '/headers/2/0', detail: 'second' },
      { pointer: '/nowhere', detail: 'lost' },
    ];
    const form = connectionForm({ ...PARTS, values: NEW_CONNECTION, faults });
    expect(form.errors).toMatchObject({ tokenUrl: 'url', apiKeyValue: 'key', headers: 'first', name: null });
    expect(form.formError).toBe('lost');
  });

  test('takes a prototype’s name for no field', () => {
    expect(faultsByField([{ pointer: '/constructor', detail: 'odd' }], ['name'])).toEqual({ '': 'odd' });
  });
});
