import { describe, expect, test } from '@jest/globals';
import { maskerFor, type MaskingSubject } from '../../src/secrets/masking.ts';

const SECRET = 's3cr3t-of-the-client';
const HEADERS =
  `authorization proxy-authorization cookie set-cookie x-api-key api-key apikey x-auth-token x-access-token
  x-csrf-token x-xsrf-token x-amz-security-token x-goog-api-key x-goog-iam-authorization-token x-shopify-access-token
  x-vault-token callbook-key private-token x-gitlab-token x-figma-token x-hub-signature x-hub-signature-256 dpop x-client-secret
  x-session-id x-my-token my-secret x_api_key x-passwd x-credentials X-Signature Session`.split(/\s+/);
const SHORT = 'access_token refresh_token id_token client_secret client_assertion password private_key api_key'.split(
  ' ',
);
const LONG = `access_token refresh_token id_token token code code_verifier device_code user_code state nonce
  verification_uri_complete request_uri client_secret client_assertion assertion subject_token actor_token password passwd pwd passphrase secret private_key
  api_key apikey key sig signature sas x-amz-signature x-amz-credential x-amz-security-token samlresponse otp pin
  card_number cvv`.split(/\s+/);
const ONLY_LONG = LONG.filter((name) => ![...SHORT, 'apikey'].includes(name));
const spellings = (name: string) => [name, name.toUpperCase(), name.replaceAll(/[-_]/g, ''), name.replaceAll('_', '-')];

const masker = (change: Partial<MaskingSubject> = {}) => maskerFor({ secrets: [SECRET], wide: false, ...change });
const wide = masker({ wide: true });
const inBody = (text: string, type: string | null, by = masker()) =>
  Buffer.from(by.body(Buffer.from(text), type).bytes).toString();
const inJson = (text: string, by = masker()) => inBody(text, 'application/json', by);

describe('a header', () => {
  test.each(HEADERS)('called %s is masked whole', (name) => {
    expect(masker().headers([[name, 'Bearer one; two']])).toEqual([[name, '*redacted*']]);
    expect(masker().headers([[name.toUpperCase(), 'x']])).toEqual([[name.toUpperCase(), '*redacted*']]);
  });

  test('that is none of these stays, with case, order and duplicates', () => {
    const headers = [
      ['Content-Type', 'application/json; charset=utf-8'],
      ['x-a', '1'],
      ['X-A', '2'],
      ['access-control-allow-credentials', 'true'],
      ['www-authenticate', 'Bearer realm="api", error="invalid_token"'],
      ['etag', '"abc?def=1"'],
      ['x-note', 'Basic authentication and bearer authentication'],
    ] as const;
    expect(masker().headers(headers)).toEqual(headers);
  });

  test('with a place to go keeps the place and loses the secrets in its query', () => {
    expect(
      masker().headers([
        ['location', 'https://app.example/cb?code=abc&page=2#access_token=xyz&n=1'],
        ['Referer', '/orders?limit=2&api-key=abc'],
      ]),
    ).toEqual([
      ['location', 'https://app.example/cb?code=*redacted*&page=2#access_token=*redacted*&n=1'],
      ['Referer', '/orders?limit=2&api-key=*redacted*'],
    ]);
  });
});

describe('a URL', () => {
  test.each(LONG.flatMap(spellings))('loses the value of %s in its query', (name) => {
    expect(masker().url(`https://a.example/x?a=1&${name}=v%20w&b=2`)).toBe(
      `https://a.example/x?a=1&${name}=*redacted*&b=2`,
    );
  });

  test.each([
    ['userinfo', 'https://me:pass@a.example/x?b=2', 'https://*redacted*@a.example/x?b=2'],
    ['a secret in the path', `https://a.example/${SECRET}/x`, 'https://a.example/*redacted*/x'],
    ['a JWT in the path', 'https://a.example/eyJhbGci.eyJzdWIi.c2ln/x', 'https://a.example/*redacted*/x'],
    ['an escaped name', 'https://a.example/x?%70assword=1', 'https://a.example/x?%70assword=*redacted*'],
    ['a name in brackets', 'https://a.example/x?user[password]=1', 'https://a.example/x?user[password]=*redacted*'],
    [
      'a URL in a value',
      'https://a.example/x?to=https%3A%2F%2Fb%3Ftoken%3D1&b=2',
      'https://a.example/x?to=*redacted*&b=2',
    ],
    ['a PEM block in a value', 'https://a.example/x?c=-----BEGIN+KEY-----%0AAA', 'https://a.example/x?c=*redacted*'],
  ])('loses %s', (_, url, wanted) => {
    expect(masker().url(url)).toBe(wanted);
  });

  test('without secrets stays as it is', () => {
    const url = 'https://a.example:8443/a//b;c=1/%7Ed?limit=2&q=a+b&empty=&flag&codes=1&x=%zz#top';
    expect(masker().url(url)).toBe(url);
  });
});

describe('the JSON of an ordinary call', () => {
  test.each(SHORT.flatMap(spellings))('loses the value of %s', (name) => {
    expect(inJson(`{ "${name}" : "a \\"b\\" \\\\" , "n":1}`)).toBe(`{ "${name}" : "*redacted*" , "n":1}`);
  });

  test.each(ONLY_LONG)('keeps the value of %s', (name) => {
    const body = Buffer.from(`{"${name}":"paid"}`);
    expect(masker().body(body, 'application/json')).toEqual({ bytes: body, masked: false });
  });

  test('keeps an order paid, big numbers, key order, duplicates, spaces and letters', () => {
    const body = Buffer.from('{"state":"paid","n":12345678901234567890.10, "b":"\\u00e9é","a":1,"a":2,"key":"k"}\n');
    expect(masker().body(body, 'application/json').bytes).toBe(body);
  });
});

describe('the JSON of a token call', () => {
  test.each(LONG.flatMap(spellings))('loses the value of %s', (name) => {
    expect(inJson(`{"${name}":"paid","n":1}`, wide)).toBe(`{"${name}":"*redacted*","n":1}`);
  });

  test('keeps the rest', () => {
    const body = Buffer.from('{"token_type":"Bearer","expires_in":3600,"scope":"orders","error":"invalid_grant"}');
    expect(wide.body(body, 'application/json').bytes).toBe(body);
  });

  test('loses its fields in a form, declared or not', () => {
    expect(inBody('access_token=a%20b&scope=orders', 'text/plain', wide)).toBe('access_token=*redacted*&scope=orders');
    expect(inBody('scope=orders&access_token=ab', 'text/plain')).toBe('scope=orders&access_token=ab');
  });
});

describe('odd JSON', () => {
  test.each([
    ['a number', '{"password":-12.5e3,"b":1}', '{"password":"*redacted*","b":1}'],
    [
      'an array',
      '{"password":["a",["b",3],null],"b":"c"}',
      '{"password":["*redacted*",["*redacted*","*redacted*"],null],"b":"c"}',
    ],
    [
      'an object',
      '{"private_key":{"d":"x","e":{"f":"y"}},"b":"c"}',
      '{"private_key":{"d":"*redacted*","e":{"f":"*redacted*"}},"b":"c"}',
    ],
    ['an escaped name', '{"pass\\u0077ord":"x"}', '{"pass\\u0077ord":"*redacted*"}'],
    ['a body cut off', '{"a":1,"access_token":"abc', '{"a":1,"access_token":"*redacted*'],
    ['a duplicate', '{"password":"a","password":"b"}', '{"password":"*redacted*","password":"*redacted*"}'],
    ['trailing commas', '{"a":1,,"password":"a",}', '{"a":1,,"password":"*redacted*",}'],
    ['a depth of none', '}}]]{"password":"a"}', '}}]]{"password":"*redacted*"}'],
    ['NUL', '{"\0":"\0","password":"\0"}', '{"\0":"\0","password":"*redacted*"}'],
    ['several documents', '{"password":"a"}\n{"password":"b"}', '{"password":"*redacted*"}\n{"password":"*redacted*"}'],
  ])('with %s is read as far as it goes', (_, body, wanted) => {
    expect(inJson(body)).toBe(wanted);
    expect(inBody(body, null)).toBe(body.startsWith('{') ? wanted : body);
  });

  test.each(['{"password":true}', '{"password":null}', '{"password":""}', '{"a":"password"}', '["password","x"]'])(
    'like %s has nothing to hide',
    (body) => expect(inJson(body)).toBe(body),
  );

  test('100,000 deep is read without running out of stack', () => {
    const deep = '[{"a":'.repeat(100_000);
    expect(inJson(`${deep}{"password":"x"}`)).toBe(`${deep}{"password":"*redacted*"}`);
  });

  test('with bytes that are no UTF-8 keeps them', () => {
    const odd = Buffer.from([0xff, 0xfe, 0xc3, 0x28]);
    const body = Buffer.concat([Buffer.from('{"a":"'), odd, Buffer.from('","password":"'), odd, Buffer.from('"}')]);
    const wanted = Buffer.concat([Buffer.from('{"a":"'), odd, Buffer.from('","password":"*redacted*"}')]);
    expect(Buffer.from(masker().body(body, 'application/json').bytes).equals(wanted)).toBe(true);
  });

  test('in an event stream is read line by line', () => {
    const lines = 'data: it said "\n\ndata: {"password":"x"}\n\n';
    expect(inBody(lines, 'text/event-stream')).toBe('data: it said "\n\ndata: {"password":"*redacted*"}\n\n');
  });
});

describe('a form', () => {
  test.each(LONG.flatMap(spellings))('loses the value of %s', (name) => {
    const type = 'application/x-www-form-urlencoded';
    expect(inBody(`${name}=a+b&x=1&${name}=`, type)).toBe(`${name}=*redacted*&x=1&${name}=`);
  });

  test('in parts loses the contents of masked parts and no others', () => {
    const part = (name: string, text: string) =>
      `--BoRd\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${text}\r\n`;
    const body = (secret: string, value: string) =>
      `${part('state2', 'paid')}${part('password', secret)}${part('note', `it is ${value}`)}--BoRd--\r\n`;
    expect(inBody(body('a\r\nb', SECRET), 'multipart/form-data; boundary=BoRd')).toBe(body('*redacted*', '*redacted*'));
  });
});

describe('names', () => {
  test('are added and spared by wish, and adding wins', () => {
    const by = masker({ wide: false, maskNames: ['Order-Pin', 'x-internal'], unmaskNames: ['password', 'x-internal'] });
    expect(inJson('{"orderPin":"1","password":"p","x_internal":"i"}', by)).toBe(
      '{"orderPin":"*redacted*","password":"p","x_internal":"*redacted*"}',
    );
    expect(by.headers([['X-Internal', 'v']])).toEqual([['X-Internal', '*redacted*']]);
  });

  test('that are spared expose neither authorization nor a credential of the connection', () => {
    const by = masker({ unmaskNames: ['authorization', 'password', 'x-api-key', 'token'] });
    expect(
      by.headers([
        ['Authorization', 'Bearer abc'],
        ['x-api-key', SECRET],
        ['x-api-key', 'shown'],
      ]),
    ).toEqual([
      ['Authorization', '*redacted*'],
      ['x-api-key', '*redacted*'],
      ['x-api-key', 'shown'],
    ]);
    expect(inJson(`{"password":"${SECRET}"}`, by)).toBe('{"password":"*redacted*"}');
  });
});

describe('secrets by value', () => {
  test('of fewer than eight characters are left to their names', () => {
    const by = masker({ secrets: ['seven77'] });
    const body = Buffer.from('{"a":"seven77"}');
    expect(by.body(body, 'application/json').bytes).toBe(body);
    expect(inJson('{"password":"seven77"}', by)).toBe('{"password":"*redacted*"}');
  });

  test('are masked in any kind of body, longest first', () => {
    const by = masker({ secrets: ['abcdefgh', 'abcdefgh-and-more', 'more-of-it'] });
    expect(inBody('<a>abcdefgh-and-more-of-it</a>', 'application/xml', by)).toBe('<a>*redacted*</a>');
    expect(inBody('abcdefgh-and-les', 'image/png', by)).toBe('*redacted*-and-les');
  });

  test('are masked as a whole Basic pair, the id included', () => {
    const by = masker({ secrets: [], basicPairs: [['client 1', 'a:b c']] });
    for (const pair of ['client 1:a:b c', 'client+1:a%3Ab+c', 'client%201:a%3Ab%20c']) {
      expect(inBody(`x ${Buffer.from(pair).toString('base64')} y`, 'text/plain', by)).toBe('x *redacted* y');
    }
  });

  test('leave bodies without them as the same array', () => {
    const random = Buffer.from(Array.from({ length: 70_000 }, (_, at) => (at * at * 31 + at) & 255));
    for (const type of ['application/json', 'multipart/form-data; boundary=x', 'text/plain', null]) {
      for (const bytes of [random, new Uint8Array(), Buffer.from('s3cr3t-of-the-clien')]) {
        expect(masker().body(bytes, type)).toEqual({ bytes, masked: false });
        expect(masker().body(bytes, type).bytes).toBe(bytes);
      }
    }
  });

  test('are compiled once for a subject', () => {
    const subject = { secrets: [SECRET], wide: false };
    expect(maskerFor(subject)).toBe(maskerFor(subject));
    expect(maskerFor({ ...subject })).not.toBe(maskerFor(subject));
  });
});
