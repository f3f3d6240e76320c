import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import { TOLD_GRANT_STATES } from '../../../src/kernel/grant-telling.ts';
import { dialText, grantView } from '../../../src/web/presenters/grant-view.ts';
import { spanText } from '../../../src/web/presenters/measures.ts';
import { NOW, PLANTED, sampleTelling } from '../views/samples.ts';

describe('a grant that is fresh', () => {
  const view = grantView(sampleTelling('fresh', { expiresIn: 40, nextCheckIn: 28 }), NOW);

  test('tells what is left, of how much', () => {
    expect(view).toMatchObject({
      stateWord: 'Fresh',
      sentence: 'Good for 40 s more.',
      secondsLeft: 40,
      fractionLeft: 0.6667,
    });
    expect(view.dial).toEqual({ number: '40', unit: 's' });
  });

  test('tells where the margin begins', () => {
    expect(view.marginFraction).toBe(0.2);
    expect(view.renewalDue?.clock).toBe('09:15:00');
  });

  test('tells no more than is allowed', () => {
    expect(JSON.stringify(view)).not.toContain(PLANTED);
  });
});

describe('a grant whose telling is older than its page', () => {
  test('counts from the page’s own moment', () => {
    const later = new Date(NOW.getTime() + 39_500);
    expect(grantView(sampleTelling('due'), later).secondsLeft).toBe(0);
    expect(grantView(sampleTelling('due'), new Date(NOW.getTime() + 90_000)).fractionLeft).toBe(0);
  });
});

describe('a grant in any state', () => {
  test.each(TOLD_GRANT_STATES)('has a word and a sentence without a gap: %s', (state) => {
    const view = grantView(sampleTelling(state), NOW);
    expect(view.stateWord).not.toBe('');
    expect(view.sentence).not.toMatch(/[{}]|undefined|NaN/);
  });

  test.each([
    ['static', null],
    ['missing', 'Get a token'],
    ['consent-needed', null],
    ['revoked', 'Get a token'],
    ['misconfigured', 'Renew now'],
    ['ambiguous', 'Renew now'],
    ['fresh', 'Renew now'],
  ] as const)('offers to renew where that can help: %s %s', (state, renew) => {
    expect(grantView(sampleTelling(state, { action: null }), NOW).renew).toBe(renew);
  });

  test('offers no renewal beside what a person has to do first, and says so', () => {
    const action = { label: 'Consent', href: '/connections/partner/consent' };
    const view = grantView(sampleTelling('missing', { action }), NOW);
    expect(view).toMatchObject({ renew: null, action });
    expect(view.sentence).toContain('a person');
    expect(grantView(sampleTelling('missing', { action: null }), NOW).sentence).not.toContain('a person');
  });
});

describe('the browser’s own count-down', () => {
  const script = readFileSync(join(import.meta.dirname, '../../../public/scripts/grant-ring.js'), 'utf8');
  const parts = { HTMLElement: Object, BroadcastChannel: Object, customElements: { define: () => undefined } };
  const own: unknown = runInNewContext(`${script}; ({ dial, span })`, parts);
  const { dial, span } = own as { dial: (seconds: number) => string[]; span: (seconds: number) => string };

  test.each([0, 1, 89, 90, 3599, 3600, 5399, 5400, 86_399, 86_400, 172_799, 172_800, 900_000])(
    'speaks as the server does at %d s',
    (seconds) => {
      const { number, unit } = dialText(true, seconds, '');
      expect([...dial(seconds)]).toEqual([number, unit]);
      expect(span(seconds)).toBe(spanText(seconds));
    },
  );
});
