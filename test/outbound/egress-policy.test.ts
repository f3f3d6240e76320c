import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type EgressPolicy, egressPolicy, NOT_ALLOWED, parseEgress } from '../../src/outbound/egress-policy.ts';
import { callTo, client, httpServer, type Running } from './clients.ts';
import { HOSTILE_FORMS, HOSTILE_URLS } from './hostile-urls.ts';

function policy(...entries: string[]): EgressPolicy {
  return egressPolicy({ entries, ownPorts: () => [3000], ownAddresses: () => ['198.51.100.7', '8.8.4.4'] });
}

let canary: Running;
let redirector: Running;

beforeAll(async () => {
  canary = await httpServer((_request, response) => response.end('reached'));
  redirector = await httpServer((request, response) => {
    const location = Buffer.from(decodeURIComponent(request.url!.slice(2))).toString('latin1');
    response.writeHead(302, { location }).end();
  });
});

afterAll(async () => {
  await canary.stop();
  await redirector.stop();
});

const corpus = [...HOSTILE_URLS, ...HOSTILE_FORMS];

describe('a corpus of hostile URLs', () => {
  test('is large enough', () => expect(corpus.length).toBeGreaterThanOrEqual(120));

  test('reaches nothing when called directly', async () => {
    const sender = client({ egress: policy('public'), resolve: () => Promise.resolve([]) });
    const answered: string[] = [];
    for (const template of corpus) {
      const { outcome } = await sender.send(callTo(template.replace('PORT', String(canary.port)), { deadlineMs: 500 }));
      if (outcome.kind === 'answered' || outcome.sent) answered.push(template);
    }
    await sender.close();
    expect(answered).toEqual([]);
    expect(canary.connections()).toBe(0);
  });

  test('reaches nothing when a redirect names it', async () => {
    const entries = [`127.0.0.1:${redirector.port}`];
    const sender = client({ egress: policy(...entries), resolve: () => Promise.resolve([]) });
    const absolute = corpus.filter(
      (url) => !url.startsWith('//') && !/^http:\/?[^/\\]/.test(url) && !/[\n\t]/.test(url),
    );
    const followed: string[] = [];
    for (const template of absolute) {
      const target = encodeURIComponent(template.replace('PORT', String(canary.port)));
      const { outcome } = await sender.send(callTo(`${redirector.origin}/?${target}`, { deadlineMs: 1000 }));
      if (outcome.kind === 'answered' && outcome.status === 200) followed.push(template);
    }
    await sender.close();
    expect(absolute.length).toBeGreaterThanOrEqual(120);
    expect(followed).toEqual([]);
    expect(canary.connections()).toBe(0);
  });

  test('reaches the canary when it is opened, so the canary can be reached at all', async () => {
    const sender = client();
    const { outcome } = await sender.send(callTo(canary.origin));
    await sender.close();
    expect(outcome.kind).toBe('answered');
    expect(canary.connections()).toBe(1);
  });
});

describe('a name whose addresses change or mix', () => {
  const hostileAnswers: string[][] = [
    ['127.0.0.1'],
    ['93.184.215.14', '127.0.0.1'],
    ['127.0.0.1', '93.184.215.14'],
    ['::1'],
    ['::ffff:127.0.0.1'],
    ['2606:4700::1', '::ffff:7f00:1'],
    ['64:ff9b::7f00:1'],
    ['169.254.169.254'],
    ['fe80::1%eth0'],
    ['0.0.0.0'],
    ['not an address'],
    [],
  ];

  test.each(hostileAnswers.map((addresses) => [addresses]))('to %j is refused as a whole', async (addresses) => {
    const before = canary.connections();
    const resolve = () => Promise.resolve(addresses.map((address) => ({ address, family: 4 })));
    const sender = client({ egress: policy('public'), resolve });
    const { outcome } = await sender.send(callTo(`http://rebind.example:${canary.port}/`));
    await sender.close();
    expect(outcome).toMatchObject({ kind: 'failed', sent: false });
    expect(canary.connections()).toBe(before);
  });

  test('between two looks is connected to the address that was judged', async () => {
    let looks = 0;
    const resolve = () => {
      looks += 1;
      return Promise.resolve([{ address: looks === 1 ? '127.0.0.2' : '127.0.0.1', family: 4 }]);
    };
    const before = canary.connections();
    const sender = client({ egress: policy('127.0.0.2'), resolve });
    const first = await sender.send(callTo(`http://localhost:${canary.port}/`));
    const second = await sender.send(callTo(`http://localhost:${canary.port}/`));
    await sender.close();
    // Nobody listens on 127.0.0.2; asked again, the system would name 127.0.0.1, where the canary answers.
    expect(first.outcome).toMatchObject({ reason: 'connect' });
    expect(second.outcome).toMatchObject({ reason: 'refused-address', detail: NOT_ALLOWED });
    expect([looks, canary.connections()]).toEqual([2, before]);
  });
});

describe('what EGRESS opens', () => {
  const cases: [entries: string[], url: string, isAllowed: boolean][] = [
    [[], 'http://93.184.215.14/', true],
    [[], 'https://example.com/', true],
    [[], 'https://example.com./', true],
    [[], 'https://[2606:4700::1]/', true],
    [[], 'http://[64:ff9b::8.8.8.8]/', true],
    [[], 'http://[::ffff:8.8.8.8]:8080/', true],
    [['public'], 'http://127.0.0.1:8080/', false],
    [['loopback'], 'http://127.0.0.1:8080/', true],
    [['loopback'], 'http://[::1]:8080/', true],
    [['loopback'], 'http://[::ffff:127.9.9.9]:8080/', true],
    [['loopback'], 'http://10.0.0.1/', false],
    [['loopback'], 'http://0.0.0.0:8080/', false],
    [['loopback'], 'http://127.0.0.1:3000/', false],
    [['loopback'], 'http://127.0.0.1:6379/', false],
    [['private'], 'http://127.0.0.1:8080/', true],
    [['private'], 'http://10.1.2.3/', true],
    [['private'], 'http://100.64.0.1/', true],
    [['private'], 'http://198.18.0.1/', true],
    [['private'], 'http://[fd12::1]/', true],
    [['private'], 'http://169.254.169.254/', false],
    [['private'], 'http://[fd00:ec2::254]/', false],
    [['private'], 'http://100.100.100.200/', false],
    [['private'], 'http://[fe80::1]/', false],
    [['private'], 'http://224.0.0.1/', false],
    [['private'], 'http://127.0.0.1:3000/', false],
    [['10.1.0.0/16'], 'http://10.1.2.3/', true],
    [['10.1.0.0/16'], 'http://10.2.2.3/', false],
    [['169.254.0.0/16'], 'http://169.254.169.254/', false],
    [['0.0.0.0/0'], 'http://169.254.169.254/', false],
    [['0.0.0.0/0'], 'http://0.0.0.0:8080/', false],
    [['10.0.0.5'], 'http://10.0.0.5/', true],
    [['10.0.0.5'], 'http://10.0.0.5:5432/', false],
    [['10.0.0.5:5432'], 'http://10.0.0.5:5432/', true],
    [['10.0.0.5:5432'], 'http://10.0.0.5/', false],
    [['127.0.0.1:8080'], 'http://127.0.0.1:8080/', true],
    [['127.0.0.1:8080'], 'http://127.0.0.1:8081/', false],
    [['[::1]:8080'], 'http://[::1]:8080/', true],
    [['127.0.0.1:3000'], 'http://127.0.0.1:3000/', false],
    [['93.184.215.14:25'], 'http://93.184.215.14:25/', true],
    [['mail.example:25'], 'http://mail.example:25/', true],
    [['mail.example:25'], 'http://other.example:25/', false],
    [[], 'http://8.8.4.4:3000/', false],
    [[], 'http://8.8.4.4/', true],
  ];

  test.each(cases)('with %j, %s is allowed: %s', (entries, url, isAllowed) => {
    expect(policy(...entries).allowsUrl(new URL(url))).toBe(isAllowed);
  });

  const resolved: [entries: string[], host: string, port: number, address: string, isAllowed: boolean][] = [
    [['db.internal'], 'db.internal', 8080, '10.0.0.9', true],
    [['db.internal'], 'DB.internal.', 8080, '10.0.0.9', true],
    [['db.internal'], 'other.internal', 8080, '10.0.0.9', false],
    [['db.internal'], 'db.internal', 8080, '127.0.0.1', false],
    [['db.internal'], 'db.internal', 8080, '169.254.169.254', false],
    [['db.internal'], 'db.internal', 5432, '10.0.0.9', false],
    [['db.internal:5432'], 'db.internal', 5432, '10.0.0.9', true],
    [['db.internal:5432'], 'db.internal', 5433, '10.0.0.9', false],
    [['localhost:8080'], 'localhost', 8080, '127.0.0.1', true],
    [['localhost:8080'], 'localhost', 8081, '127.0.0.1', false],
    [['localhost:3000'], 'localhost', 3000, '127.0.0.1', false],
    [['127.0.0.1:8080'], 'any.example', 8080, '127.0.0.1', true],
  ];

  test.each(resolved)('with %j, %s:%i at %s is allowed: %s', (entries, host, port, address, isAllowed) => {
    expect(policy(...entries).allowsAddress(host, port, address)).toBe(isAllowed);
  });

  test('excepts the practice API from the own ports', () => {
    const parts = { entries: ['loopback'], ownPorts: () => [3000, 3001] };
    const allows = (except: number | null) =>
      egressPolicy({ ...parts, ownPortsExcept: () => except }).allowsUrl(new URL('http://127.0.0.1:3001/'));
    expect([allows(3001), allows(null), allows(3000)]).toEqual([true, false, false]);
  });

  test('reads the machine’s own addresses when none are given', () => {
    const egress = egressPolicy({ entries: ['private'], ownPorts: () => [3000] });
    expect(egress.allowsUrl(new URL('http://127.0.0.1:3000/'))).toBe(false);
    expect(egress.allowsUrl(new URL('http://[::1]:3000/'))).toBe(false);
  });
});

describe('the EGRESS setting', () => {
  test('reads words, hosts, ports and ranges', () => {
    expect(parseEgress(' loopback, api.internal , api.internal:8443,10.0.0.0/8,[::1]:80, ')).toMatchObject([
      { kind: 'word', word: 'loopback' },
      { kind: 'host', host: 'api.internal', port: null },
      { kind: 'host', host: 'api.internal', port: 8443 },
      { kind: 'range' },
      { kind: 'host', host: '::1', port: 80 },
    ]);
    expect(parseEgress('')).toEqual([]);
  });

  test.each([
    ['http://x', 'CIDR'],
    ['10.0.0.0/33', 'CIDR'],
    ['10.0.0', 'address'],
    ['a b', 'host name'],
    ['host:0', 'port'],
    ['host:70000', 'port'],
    ['host:http', 'host:port'],
    ['localhost', 'loopback'],
    ['*.example.com', 'host name'],
    ['[::1', 'host:port'],
  ])('names the entry %j that it cannot read', (entry, why) => {
    expect(() => parseEgress(`public,${entry}`)).toThrow(new RegExp(`EGRESS: ".*" cannot be read: .*${why}`));
  });
});
