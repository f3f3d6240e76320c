import { describe, expect, test } from '@jest/globals';
import { InvalidInput } from '../../src/kernel/errors.ts';
import { checkHeaders, checkMethod, resolveTarget } from '../../src/outbound/request-target.ts';

const BASE = 'https://api.example:8443/v1';

function faultsOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error instanceof InvalidInput ? error.errors.map(({ pointer }) => pointer) : error;
  }
  return [];
}

describe('a path on a base URL', () => {
  test.each([
    ['/orders', '/v1/orders'],
    ['orders', '/v1/orders'],
    ['', '/v1'],
    ['/', '/v1/'],
    ['?a=b', '/v1?a=b'],
    ['/orders?limit=2&q=a%20b', '/v1/orders?limit=2&q=a%20b'],
    ['/a%2Fb/%C3%A9/%7e', '/v1/a%2Fb/%C3%A9/%7e'],
    ['/a b/é', '/v1/a%20b/%C3%A9'],
    ['/a/../b', '/v1/b'],
    ['/orders:batch', '/v1/orders:batch'],
    ['/@me', '/v1/@me'],
    ['/a//b', '/v1/a//b'],
    ['/x?u=http://other/../..', '/v1/x?u=http://other/../..'],
    ['/..a/...', '/v1/..a/...'],
  ])('%j is %s', (path, expected) => {
    expect(resolveTarget(BASE, path)).toBe(`https://api.example:8443${expected}`);
  });

  test('takes a query as text or as pairs', () => {
    expect(resolveTarget(BASE, '/x?a=1', '?b=2')).toBe(`${BASE}/x?a=1&b=2`);
    expect(
      resolveTarget(BASE, '/x', [
        ['q', 'a&b=c d'],
        ['e', ''],
      ]),
    ).toBe(`${BASE}/x?q=a%26b%3Dc%20d&e=`);
    expect(resolveTarget('https://api.example/', '/x')).toBe('https://api.example/x');
  });

  const hostile = String.raw`
    //evil.example/ ///evil.example //evil.example@api.example /\evil.example \\evil.example /a\b
    http://evil.example/ https:evil.example HTTPS://x javascript:alert(1) file:///etc a:b
    /.. /../ /../v2 /a/../../v2 .. ../v2 ./../v2 /%2e%2e/v2 /%2E%2e/ /.%2e/v2 /%2e./v2
    /a/%2e%2e/%2e%2e/v2 /..%2fv2 /..%5cv2 /a%2f..%2f..%2fv2 /..;x=1/v2 /%2e%2e;/v2 /a/..%2F..%2Fv2
    /a#b # /a?b#c
  `.trim();
  const unseen = [' https://x', '/a\r\nHost: x', '/a\nb', '/a\tb', '/a\0b', '/\u007f', '/.\t./v2', '/\ud800'];

  test.each([...hostile.split(/\s+/), ...unseen].map((path) => [path]))('%j is refused at /path', (path) => {
    expect(faultsOf(() => resolveTarget(BASE, path))).toEqual(['/path']);
  });

  test.each(['a=1#x', 'a=1\r\nX: y', '\0'])('the query %j is refused', (query) => {
    expect(faultsOf(() => resolveTarget(BASE, '/x', query))).toEqual(['/query']);
  });
});

describe('the headers of a caller', () => {
  test('go when they are ordinary', () => {
    const headers = [
      ['Accept', 'a/b'],
      ['X-Empty', ''],
      ['x-latin', 'é'],
      ['X-Tab', 'a\tb'],
      ['cookie', 'a=b'],
    ] as const;
    expect(faultsOf(() => checkHeaders(headers))).toEqual([]);
  });

  const framing = [
    'Host',
    'Content-Length',
    'Transfer-Encoding',
    'connection',
    'Keep-Alive',
    'TE',
    'Trailer',
    'Upgrade',
  ];
  const refused: [string, string][] = [
    ...framing.map((name): [string, string] => [name, '1']),
    ['Expect', '100-continue'],
    ['Proxy-Authorization', 'x'],
    ['Proxy-Connection', 'x'],
    ['Sec-Fetch-Site', 'x'],
    ['Authorization', 'Bearer x'],
    ['Callbook-Key', 'x'],
    ['callbook-exchange', 'x'],
    ['', 'x'],
    ['a b', 'x'],
    ['a:', 'x'],
    ['X-A\r\nX-B', 'x'],
    ['X-É', 'x'],
    ['X-A', 'a\r\nX-B: c'],
    ['X-A', 'a\nb'],
    ['X-A', 'a\0b'],
    ['X-A', 'a\u007fb'],
    ['X-A', 'snow ☃'],
    ['X-A', ' a'],
    ['X-A', 'a '],
  ];

  test.each(refused)('are refused with %j: %j, where it stands', (name, value) => {
    expect(
      faultsOf(() =>
        checkHeaders([
          ['accept', 'a'],
          [name, value],
        ]),
      ),
    ).toEqual(['/headers/1']);
  });

  test('are refused where Connection lists them', () => {
    const headers = [
      ['Connection', 'close, X-Hop'],
      ['x-hop', '1'],
    ] as const;
    expect(faultsOf(() => checkHeaders(headers))).toEqual(['/headers/0', '/headers/1']);
  });

  test('are a hundred at most', () => {
    const many = (count: number) => Array.from({ length: count }, (_, at) => [`x-${at}`, '1'] as const);
    expect(faultsOf(() => checkHeaders(many(100)))).toEqual([]);
    expect(faultsOf(() => checkHeaders(many(101)))).toEqual(['/headers']);
  });
});

describe('a method', () => {
  test.each(['GET', 'POST', 'PATCH', 'QUERY', 'PROPFIND', 'M-SEARCH'])('%s goes', (method) => {
    expect(faultsOf(() => checkMethod(method))).toEqual([]);
  });

  test.each(['TRACE', 'trace', 'CONNECT', 'Connect', '', 'GE T', 'GET\r\n', 'GÉT', 'A'.repeat(33)])(
    '%j is refused',
    (method) => {
      expect(faultsOf(() => checkMethod(method))).toEqual(['/method']);
    },
  );
});
