import { describe, expect, test } from '@jest/globals';
import { exchangeList } from '../../../src/web/presenters/exchange-list.ts';
import { exchangePage } from '../../../src/web/presenters/exchange-page.ts';
import { exchangeResult, exchangeRow, placeOf } from '../../../src/web/presenters/exchange-row.ts';
import { timingBars } from '../../../src/web/presenters/timing-bars.ts';
import { NO_FILTERS, NOW, PLANTED, sampleExchange } from '../views/samples.ts';

describe('an exchange', () => {
  const parts = { exchange: sampleExchange(), requestBytes: Buffer.from('{}'), responseBytes: Buffer.from('{}') };

  test('is shown by an allow-list', () => {
    expect(JSON.stringify(exchangePage(parts, NOW))).not.toContain(PLANTED);
    expect(JSON.stringify(exchangeRow(parts.exchange, NOW))).not.toContain(PLANTED);
  });

  test('keeps its headers as pairs, in order, with their case and duplicates', () => {
    const requestHeaders = [
      ['B', '1'],
      ['a', '2'],
      ['B', '3'],
    ] as const;
    const page = exchangePage({ ...parts, exchange: sampleExchange({ requestHeaders }) }, NOW);
    expect(page.requestHeaders.map(({ name, value }) => [name, value])).toEqual(requestHeaders);
  });

  test('links its bodies for download', () => {
    expect(exchangePage(parts, NOW).responseBody?.href).toBe(`/exchanges/${parts.exchange.id}/response-body`);
  });

  test('can be taken up again in the composer, where a person composed it', () => {
    const page = exchangePage(parts, NOW);
    expect(page.composerHref).toBe(`/connections/partner?exchange=${parts.exchange.id}`);
    expect(exchangePage({ ...parts, exchange: sampleExchange({ kind: 'token' }) }, NOW).composerHref).toBeNull();
  });

  test('is told from what Callbook sent on its own account', () => {
    expect(exchangeRow(sampleExchange({ kind: 'call' }), NOW)).toMatchObject({ isAside: false });
    expect(exchangeRow(sampleExchange({ kind: 'token' }), NOW)).toMatchObject({
      isAside: true,
      kindWord: 'Token call',
    });
  });

  test('that is on its way is waited for, and not sent again meanwhile', () => {
    const pending = sampleExchange({
      outcome: 'pending',
      status: null,
      responseHeaders: null,
      timings: null,
      hops: [],
    });
    const page = exchangePage({ ...parts, canSend: true, canDelete: true, exchange: pending }, NOW);
    expect(page).toMatchObject({ isPending: true, replayHref: null, deletionHref: null, noAnswer: 'No answer yet.' });
    expect(exchangePage({ ...parts, canSend: true }, NOW).replayHref).not.toBeNull();
  });

  test('says what to do where nothing came of it', () => {
    const refused = sampleExchange({ outcome: 'failed', reason: 'refused-address', status: null });
    expect(exchangePage({ ...parts, exchange: refused }, NOW).advice).toContain('EGRESS');
    expect(exchangePage(parts, NOW).advice).toBeNull();
  });

  test.each([
    [{ status: 204 }, '204', 's2'],
    [{ status: 503 }, '503', 's5'],
    [{ outcome: 'failed', reason: 'timeout', status: null }, 'timed out', 'failed'],
    [{ outcome: 'failed', reason: 'too-large', status: 200 }, 'too large', 'failed'],
    [{ outcome: 'interrupted', status: null }, 'interrupted', 'interrupted'],
    [{ outcome: 'pending', status: null }, 'pending', 'pending'],
  ] as const)('says how it ended: %j', (changes, text, tone) => {
    expect(exchangeResult(sampleExchange(changes))).toMatchObject({ text, tone });
  });

  test.each([
    ['https://a.example:8443/v1/x?y=1#z', 'https://a.example:8443', '/v1/x?y=1#z'],
    ['https://a.example', 'https://a.example', '/'],
    ['https://a.example?x=//b', 'https://a.example', '?x=//b'],
    ['not a url', '', 'not a url'],
  ])('splits %s exactly as recorded', (url, origin, path) => {
    expect(placeOf(url)).toEqual({ origin, path });
  });
});

describe('the phases of a call', () => {
  test('follow one another and stay in the drawing', () => {
    const { bars } = timingBars({
      wait: 0,
      dns: null,
      connect: 50,
      tls: null,
      send: 0.01,
      firstByte: 49,
      receive: 0.99,
      total: 100,
    });
    expect(bars.map(({ name }) => name)).toEqual(['wait', 'connect', 'send', 'firstByte', 'receive']);
    expect(bars.map(({ x, width }) => x + width <= 1000)).toEqual([true, true, true, true, true]);
    expect(bars[3]).toMatchObject({ x: 500.1, width: 490 });
  });

  test('that took no time at all are still a drawing', () => {
    const { bars } = timingBars({ wait: 0, dns: 0, connect: 0, tls: 0, send: 0, firstByte: 0, receive: 0, total: 0 });
    expect(bars.every(({ x, width }) => Number.isFinite(x) && width === 3)).toBe(true);
  });
});

describe('the history', () => {
  const base = {
    exchanges: [],
    connections: [{ slug: 'partner', name: 'Partner' }],
    older: null,
    newer: null,
    isFirst: false,
  };

  test('keeps a filter that is on no list, so that the page says what it shows', () => {
    const { choices } = exchangeList({ ...base, filters: { ...NO_FILTERS, connection: 'gone' } }, NOW);
    expect(choices[0]?.options.find(({ isChosen }) => isChosen)).toMatchObject({ value: 'gone' });
  });

  test('says of a number how well it is known', () => {
    const said = (exchanges: number, how: 'exactly' | 'about' | 'at-least') =>
      exchangeList({ ...base, filters: NO_FILTERS, total: { exchanges, how } }, NOW).total;
    expect([said(1, 'exactly'), said(1_200, 'about'), said(50, 'at-least')]).toEqual([
      '1 exchange',
      'About 1,200 exchanges',
      'At least 50 exchanges',
    ]);
  });

  test('leads back to the newest with the same filters', () => {
    expect(exchangeList({ ...base, filters: { ...NO_FILTERS, status: '4xx', method: 'GET' } }, NOW).newest).toBe(
      '/exchanges?method=GET&status=4xx',
    );
    expect(exchangeList({ ...base, isFirst: true, filters: NO_FILTERS }, NOW).newest).toBeNull();
  });
});
