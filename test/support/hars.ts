/** An entry that can be imported; `change` goes over it, at the top. */
export function harEntry(change: object = {}) {
  return {
    startedDateTime: '2026-11-22T09:00:00.250Z',
    time: 12,
    request: {
      method: 'GET',
      url: 'https://api.example.org/orders?limit=2',
      httpVersion: 'HTTP/1.1',
      cookies: [],
      headers: [{ name: 'Accept', value: 'application/json' }],
      queryString: [],
      headersSize: -1,
      bodySize: 0,
    },
    response: {
      status: 200,
      statusText: 'OK',
      httpVersion: 'HTTP/1.1',
      cookies: [],
      headers: [{ name: 'Content-Type', value: 'application/json' }],
      content: { size: 14, mimeType: 'application/json', text: '{"orders": []}' },
      redirectURL: '',
      headersSize: -1,
      bodySize: 14,
    },
    cache: {},
    timings: { blocked: 1, dns: -1, connect: -1, ssl: -1, send: 1, wait: 8, receive: 2 },
    ...change,
  };
}

/** A HAR with these entries. */
export function harOf(...entries: readonly unknown[]): string {
  return JSON.stringify({ log: { version: '1.2', creator: { name: 'A test', version: '1' }, pages: [], entries } });
}

/** As Chrome's network panel saves it: HTTP/2, fields of its own, an image in base64, a body it did not hold, a failure. */
export const CHROME_HAR = JSON.stringify({
  log: {
    version: '1.2',
    creator: { name: 'WebInspector', version: '537.36' },
    pages: [
      {
        startedDateTime: '2026-11-20T15:04:05.000Z',
        id: 'page_2',
        title: 'https://shop.example.org/',
        pageTimings: { onContentLoad: 311.5, onLoad: 420.25 },
      },
    ],
    entries: [
      {
        _connectionId: '4711',
        _initiator: { type: 'script', stack: { callFrames: [{ functionName: 'load', scriptId: '9', lineNumber: 1 }] } },
        _priority: 'High',
        _resourceType: 'fetch',
        cache: {},
        connection: '443',
        pageref: 'page_2',
        request: {
          method: 'POST',
          url: 'https://shop.example.org/api/cart?session=s%201',
          httpVersion: 'h2',
          headers: [
            { name: ':authority', value: 'shop.example.org' },
            { name: ':method', value: 'POST' },
            { name: 'content-type', value: 'application/json' },
          ],
          queryString: [{ name: 'session', value: 's 1' }],
          cookies: [],
          headersSize: -1,
          bodySize: 12,
          postData: { mimeType: 'application/json', text: '{"item": "ä"}' },
        },
        response: {
          status: 201,
          statusText: '',
          httpVersion: 'h2',
          headers: [
            { name: 'content-type', value: 'application/json; charset=utf-8' },
            { name: 'content-encoding', value: 'br' },
          ],
          cookies: [],
          content: { size: 27, mimeType: 'application/json', compression: 6, text: '{"id": 9007199254740993}\n😀' },
          redirectURL: '',
          headersSize: -1,
          bodySize: -1,
          _transferSize: 221,
          _error: null,
          _fetchedViaServiceWorker: false,
        },
        serverIPAddress: '[2001:db8::1]',
        startedDateTime: '2026-11-20T15:04:05.678Z',
        time: 48.375000001688,
        timings: {
          blocked: 2.5,
          dns: 0.125,
          ssl: 10.25,
          connect: 21.5,
          send: 0.25,
          wait: 23.75,
          receive: 0.5,
          _blocked_queueing: 1.25,
          _workerStart: -1,
        },
      },
      {
        _resourceType: 'image',
        request: { method: 'GET', url: 'https://shop.example.org/dot.gif', headers: [], queryString: [], cookies: [] },
        response: {
          status: 200,
          headers: [{ name: 'Content-Type', value: 'image/gif' }],
          content: { size: 4, mimeType: 'image/gif', text: 'R0lGOA==', encoding: 'base64' },
          bodySize: 4,
        },
        startedDateTime: '2026-11-20T15:04:06.000Z',
        time: 1,
        timings: { blocked: -1, dns: -1, ssl: -1, connect: -1, send: 0, wait: 1, receive: 0 },
      },
      {
        request: { method: 'GET', url: 'https://shop.example.org/video.mp4', headers: [] },
        response: {
          status: 206,
          headers: [],
          content: { size: 1_048_576, mimeType: 'video/mp4' },
          bodySize: 1_048_576,
          _error: null,
        },
        startedDateTime: '2026-11-20T15:04:07.000Z',
        time: 5,
        timings: { send: 0, wait: 4, receive: 1 },
      },
      {
        request: { method: 'GET', url: 'https://ads.example.com/x.js', headers: [] },
        response: {
          status: 0,
          statusText: '',
          httpVersion: '',
          headers: [],
          cookies: [],
          content: { size: 0, mimeType: 'x-unknown' },
          redirectURL: '',
          headersSize: -1,
          bodySize: -1,
          _transferSize: 0,
          _error: 'net::ERR_BLOCKED_BY_CLIENT',
        },
        startedDateTime: '2026-11-20T15:04:08.000Z',
        time: 0.5,
        timings: { blocked: -1, dns: -1, ssl: -1, connect: -1, send: 0, wait: 0, receive: 0.5 },
      },
    ],
  },
});

/** As Firefox saves it: a zone in its times, `ssl` beside `connect`, a form by its fields, no answer's status as 0. */
export const FIREFOX_HAR = JSON.stringify({
  log: {
    version: '1.2',
    creator: { name: 'Firefox', version: '131.0' },
    browser: { name: 'Firefox', version: '131.0' },
    pages: [
      {
        id: 'page_1',
        pageTimings: { onContentLoad: -7, onLoad: 99 },
        startedDateTime: '2026-11-20T16:00:00.000+01:00',
        title: 'Form',
      },
    ],
    entries: [
      {
        startedDateTime: '2026-11-20T16:00:01.250+01:00',
        request: {
          bodySize: 19,
          method: 'POST',
          url: 'http://intranet.example/login',
          httpVersion: 'HTTP/1.1',
          headers: [{ name: 'Content-Type', value: 'application/x-www-form-urlencoded' }],
          cookies: [],
          queryString: [],
          headersSize: 402,
          postData: {
            mimeType: 'application/x-www-form-urlencoded',
            params: [
              { name: 'user', value: 'Zoë & co' },
              { name: 'remember', value: 'on' },
            ],
            text: '',
          },
        },
        response: {
          status: 302,
          statusText: 'Found',
          httpVersion: 'HTTP/1.1',
          headers: [{ name: 'Location', value: '/home' }],
          cookies: [],
          content: { mimeType: 'text/html; charset=UTF-8', size: 0, text: '' },
          redirectURL: '/home',
          headersSize: 210,
          bodySize: 210,
        },
        cache: {},
        timings: { blocked: 0, dns: 1, connect: 2, ssl: 9, send: 0, wait: 30, receive: 0 },
        time: 42,
        _securityState: 'insecure',
        serverIPAddress: '192.0.2.7',
        connection: '80',
        pageref: 'page_1',
      },
    ],
  },
});
