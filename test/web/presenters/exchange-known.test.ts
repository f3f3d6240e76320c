import { describe, expect, test } from '@jest/globals';
import type { Hop } from '../../../src/kernel/exchange.ts';
import type { Exchange } from '../../../src/model/exchange.ts';
import { knownOf } from '../../../src/web/presenters/exchange-known.ts';
import { sampleExchange } from '../views/samples.ts';

const [HOP] = sampleExchange().hops as [Hop, Hop];
const lost = { ...HOP, status: null };
const NOTHING: Hop = { ...lost, timings: { ...HOP.timings, send: null, firstByte: null, receive: null } };
const PART: Hop = { ...lost, timings: { ...HOP.timings, firstByte: null, receive: null } };
const WHOLE: Hop = { ...lost, timings: { ...HOP.timings, receive: null } };

const INTERRUPTED = { outcome: 'interrupted', status: null, hops: [], attempts: 1 } as const;
const failed = (...hops: Hop[]) => ({ outcome: 'failed', reason: 'timeout', status: null, hops, attempts: 1 }) as const;

/** What the page says under each name, the moments left out. */
function said(changes: Partial<Exchange>): Record<string, string> {
  return Object.fromEntries((knownOf(sampleExchange(changes)) ?? []).map(({ name, text }) => [name, text]));
}

describe('of a call that was interrupted', () => {
  test('it is said that it was written down before, when it was found, and that nobody knows whether it arrived', () => {
    const known = said(INTERRUPTED);
    expect(Object.keys(known)).toEqual(['Written down', 'Sent', 'Found interrupted', 'What to do']);
    expect(known['Written down']).toBe(', before its first byte left.');
    expect(known['Sent']).toMatch(/^Not known\. It may have arrived/);
    expect(known['What to do']).toBe('Look at the API whether this POST took effect before you send it again.');
  });

  test('both moments are told', () => {
    const at = (iso: string) => new Date(iso);
    const times = { startedAt: at('2026-01-01T10:00:00Z'), finishedAt: at('2026-01-01T10:07:00Z') };
    const moments = knownOf(sampleExchange({ ...INTERRUPTED, ...times }))!.map((one) => one.at?.text ?? null);
    expect(moments).toEqual(['2026-01-01 10:00:00 UTC', null, '2026-01-01 10:07:00 UTC', null]);
  });

  test('when it was to go out once more, it is told that it did arrive before', () => {
    expect(said({ ...INTERRUPTED, attempts: 2 })['Sent']).toContain('it did arrive: the API answered 401');
    expect(said(INTERRUPTED)['Sent']).not.toContain('401');
  });

  test('one that changes nothing may go again', () => {
    expect(said({ ...INTERRUPTED, method: 'GET' })['What to do']).toBe(
      'A GET changes nothing at the API: send it again.',
    );
  });

  test('one that Callbook made by itself is left to it', () => {
    expect(said({ ...INTERRUPTED, kind: 'token' })['What to do']).toContain('on its own account');
  });
});

describe('of a call that failed', () => {
  test.each([
    ['nothing', [NOTHING], /^Nothing\. It did not reach the API\.$/, /^Mend what kept it from leaving/],
    ['nothing, for it was refused here', [], /^Nothing\./, /^Mend what kept it from leaving/],
    ['a part', [PART], /^Its head and not all of its body\./, /^Look at the API whether this POST took effect/],
    ['the whole', [WHOLE], /^All of it\./, /^Look at the API whether this POST took effect/],
    [
      'the whole, and nothing of where it was redirected to',
      [HOP, NOTHING],
      /^Of the last request: Nothing\..*The API answered one request before it\.$/,
      /^Look at the API/,
    ],
  ] as const)('it is said how much left: %s', (_what, hops, sent, next) => {
    const known = said(failed(...hops));
    expect(Object.keys(known)).toEqual(['Written down', 'Sent', 'Answer', 'What to do']);
    expect(known['Sent']).toMatch(sent);
    expect(known['What to do']).toMatch(next);
  });

  test('it is said whether an answer had begun', () => {
    expect(said(failed(WHOLE))['Answer']).toBe('None came.');
    expect(said({ ...failed(WHOLE), status: 206 })['Answer']).toContain('status 206 began');
  });

  test('a safe one was not written down before, and may go again', () => {
    const known = said({ ...failed(WHOLE), method: 'GET' });
    expect(Object.keys(known)).toEqual(['Sent', 'Answer', 'What to do']);
    expect(known['What to do']).toMatch(/^A GET changes nothing/);
  });
});

test.each([
  ['was answered', {}],
  ['is on its way', { outcome: 'pending' }],
  ['somebody else made', { kind: 'imported', outcome: 'failed' }],
] as const)('of a call that %s nothing of the kind is said', (_what, changes) => {
  expect(knownOf(sampleExchange(changes))).toBeNull();
});
