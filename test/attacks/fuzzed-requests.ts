import * as fc from 'fast-check';
import type { Arbitrary } from 'fast-check';

/** A request that may make sense or not. `{key N}` in a header stands for a key, `{id}` in the path for a known exchange. */
export interface Fuzzed {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  /** Which of the known exchanges `{id}` is. */
  readonly pick: number;
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'QUERY', 'TRACE', 'PURGE'] as const;
const UUID = '0193a5f0-0000-7000-8000-000000000000';
const JSON_TYPE = 'application/json';

const often = <T>(usual: T, other: Arbitrary<T>): Arbitrary<T> =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: other });

const word = fc.oneof(
  fc.stringMatching(/^[\w%.;~!$&'()*+,=:@-]{0,12}$/),
  fc.constantFrom('..', '.', '%2e%2e', '%00', '%', '%zz', '\\'),
);
const slug = often('partner', fc.oneof(fc.constantFrom('spare', 'Partner', 'nobody', 'new'), word));
const id = often('{id}', fc.oneof(fc.constant(UUID), fc.uuid(), word));
const apiPath = fc.constantFrom(
  '/orders',
  '/orders?limit=2',
  '/echo',
  '/echo?as=base64,hex,percent',
  '/status/500',
  '/status/204',
  '/status/304',
  '/bytes?size=70000',
  '/events',
  '/redirect?to=/orders',
);

const paths: Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '/api/v1/connections',
    '/api/v1/exchanges',
    '/api/openapi.json',
    '/api',
    '/api/v2',
    '/API/v1/exchanges',
  ),
  fc
    .tuple(slug, fc.constantFrom('', '/grant', '/grant/renewals', '/exchanges', '/nothing'))
    .map(([at, rest]) => `/api/v1/connections/${at}${rest}`),
  fc
    .tuple(id, fc.constantFrom('', '/request-body', '/response-body', '/replays', '/pin'))
    .map(([at, rest]) => `/api/v1/exchanges/${at}${rest}`),
  fc.tuple(slug, apiPath).map(([at, rest]) => `/proxy/${at}${rest}`),
  fc.tuple(slug, fc.array(word, { maxLength: 4 })).map(([at, parts]) => `/proxy/${[at, ...parts].join('/')}`),
  fc.oneof(slug, word).map((at) => `/_token_refresh?connection=${at}`),
  fc.constantFrom(
    '/_token_refresh',
    '/proxy',
    '/proxy/',
    '/_TOKEN_REFRESH',
    '//api/v1',
    '/api/v1/../../etc/passwd',
    '*',
  ),
);

const query = fc
  .dictionary(
    fc.constantFrom(
      'connection',
      'method',
      'status',
      'outcome',
      'kind',
      'generation',
      'sentBy',
      'minMs',
      'minBytes',
      'since',
      'until',
      'cursor',
      'limit',
      'q',
      'zebra',
    ),
    fc.oneof(
      fc.constantFrom(
        'partner',
        'GET',
        '4xx',
        '200',
        'answered',
        'call',
        '1',
        '50',
        '101',
        '-1',
        '2026-11-22T09:00:00Z',
        '2026-13-99',
      ),
      word,
    ),
    { maxKeys: 3 },
  )
  .map((entries) =>
    Object.entries(entries)
      .map(([name, value]) => `${name}=${value}`)
      .join('&'),
  );

const asker: Arbitrary<readonly (readonly [string, string])[]> = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(0, 1, 2).map((at) => [['authorization', `Bearer {key ${at}}`]] as const) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(0, 1, 2).map(
      (at) =>
        [
          ['callbook-key', `{key ${at}}`],
          ['authorization', 'Bearer own'],
        ] as const,
    ),
  },
  fc.constant([
    ['authorization', 'Bearer {key 1}'],
    ['callbook-key', '{key 1}'],
  ] as const),
  fc
    .constantFrom('Bearer cbk_wrong', 'bearer', 'Basic eDp5', 'Bearer  ', '')
    .map((value) => [['authorization', value]] as const),
  fc.constant([]),
);

const extra = fc.array(
  fc.tuple(
    fc.constantFrom(
      'accept',
      'x-note',
      'cookie',
      'connection',
      'te',
      'expect',
      'range',
      'if-none-match',
      'accept-encoding',
      'origin',
      'callbook-exchange',
    ),
    fc.constantFrom(
      'text/html',
      'close, x-note',
      'trailers',
      'a=b',
      'bytes=0-1',
      '*',
      'gzip',
      'https://elsewhere.example',
    ),
  ),
  { maxLength: 2 },
);

/** A connection as it should be, with one field or two that are not. */
function connections(secret: string): Arbitrary<unknown> {
  const auth = fc.oneof(
    fc.constant({ type: 'bearer', token: secret }),
    fc.constant({ type: 'apiKey', in: 'header', name: 'x-key', value: secret }),
    fc.record({ type: fc.constantFrom('oauth2', 'basic', 'none', 'magic'), clientSecret: fc.constant(secret) }),
  );
  const good = fc.record(
    {
      name: fc.string({ maxLength: 20 }),
      slug: fc.stringMatching(/^[a-z]{3,8}$/),
      baseUrl: fc.constantFrom('http://127.0.0.1:9/v1', 'https://api.example.org', 'ftp://x', ''),
      timeoutMs: fc.oneof(fc.constant(500), fc.anything()),
      width: fc.oneof(fc.constant(8), fc.anything()),
      headers: fc.oneof(fc.constant([['accept', JSON_TYPE]]), fc.anything()),
      auth,
    },
    { requiredKeys: ['name', 'baseUrl', 'auth'] },
  );
  return fc.oneof(
    good,
    fc.tuple(good, fc.dictionary(word, fc.jsonValue(), { maxKeys: 2 })).map(([one, more]) => ({ ...one, ...more })),
  );
}

const calls = fc.record(
  {
    method: often<string>('POST', fc.constantFrom('GET', 'HEAD', 'TRACE', 'get', 'BAD METHOD', '')),
    path: fc.oneof(
      apiPath,
      word.map((part) => `/${part}`),
    ),
    query: fc.oneof(fc.constant({ limit: '2' }), fc.jsonValue()),
    headers: fc.oneof(fc.constant([['content-type', JSON_TYPE]]), fc.jsonValue(), fc.constant([['host', 'elsewhere']])),
    body: fc.oneof(fc.string(), fc.jsonValue()),
    bodyBase64: fc.oneof(fc.base64String(), fc.string()),
  },
  { requiredKeys: ['method', 'path'] },
);

/** Requests to the JSON API, the proxy and the AJAX endpoint, most of them nearly right. `secret` stands wherever a connection's secret does. */
export function requests({ secret }: { readonly secret: string }): Arbitrary<Fuzzed> {
  const json = (value: Arbitrary<unknown>) => value.map((one) => JSON.stringify(one) ?? '');
  const bodies = fc.oneof(
    { weight: 3, arbitrary: fc.constant('') },
    { weight: 3, arbitrary: json(calls) },
    { weight: 1, arbitrary: json(connections(secret)) },
    { weight: 1, arbitrary: fc.oneof(json(fc.jsonValue()), fc.string({ unit: 'binary' })) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        '{"connection":"partner"}',
        '{"connection":',
        '[',
        '{"a":1,"a":2}',
        '{"__proto__":{"role":"owner"}}',
      ),
    },
  );
  const type = often<string>(
    JSON_TYPE,
    fc.constantFrom('text/plain', 'application/x-www-form-urlencoded', 'application/merge-patch+json', 'x', ''),
  );
  return fc
    .record({
      method: often<string>('GET', fc.constantFrom(...METHODS, 'POST', 'POST', 'POST')),
      path: paths,
      query,
      asker,
      extra,
      bodies,
      type,
      pick: fc.nat(10_000),
    })
    .map(({ method, path, query: search, asker: who, extra: more, bodies: body, type: kind, pick }) => ({
      method: isSparing(method, path) ? 'GET' : method,
      path: search === '' ? path : `${path}${path.includes('?') ? '&' : '?'}${search}`,
      headers: [...who, ...more, ...(body === '' ? [] : [['content-type', kind] as const])],
      body: Buffer.from(isBodyless(method, path) || isTold(path, body, secret) ? '' : body),
      pick,
    }));
}

function isBodyless(method: string, path: string): boolean {
  return ['GET', 'HEAD', 'TRACE'].includes(method) && !path.startsWith('/proxy');
}

/** A secret is one only where it is told as such: a body of a call may hold anything, and comes back in an echo. */
function isTold(path: string, body: string, secret: string): boolean {
  return body.includes(secret) && !path.startsWith('/api/v1/connections');
}

/** The one connection that everything needs is neither deleted nor revoked nor changed. */
function isSparing(method: string, path: string): boolean {
  return ['DELETE', 'PATCH', 'PUT'].includes(method) && /^\/api\/v1\/connections\/partner/i.test(path);
}
