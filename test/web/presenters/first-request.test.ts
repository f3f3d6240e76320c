import { describe, expect, test } from '@jest/globals';
import type { ToldGrantState } from '../../../src/kernel/grant-telling.ts';
import { orderFields } from '../../../src/practice/orders.ts';
import { connectionPage } from '../../../src/web/presenters/connection-page.ts';
import { NOW, sampleConnection, sampleTelling } from '../views/samples.ts';

function composerOf(changes: Parameters<typeof sampleConnection>[0], errors = {}, state: ToldGrantState = 'fresh') {
  const connection = sampleConnection(changes);
  return connectionPage({ connection, telling: sampleTelling(state), recent: [], role: 'owner', errors }, NOW);
}

describe('the composer of a connection that was never called', () => {
  test('holds an order that the practice API takes', () => {
    const { composer, nothingSent } = composerOf({ slug: 'practice', lastCallAt: null });
    expect(composer).toMatchObject({ path: '/orders' });
    expect(composer.methods.find(({ isChosen }) => isChosen)?.value).toBe('POST');
    expect(composer.contentTypes.find(({ isChosen }) => isChosen)?.value).toBe('json');
    expect(orderFields(JSON.parse(composer.body), true)).toEqual({ item: 'Blue ink, 30 ml', quantity: 3 });
    expect(nothingSent).toContain('ready');
  });

  test('is no call to send before a person has acted', () => {
    const { nothingSent } = composerOf({ slug: 'practice', lastCallAt: null }, {}, 'consent-needed');
    expect(nothingSent).toContain('once there is a grant');
  });

  test('is empty for an API that we do not know', () => {
    expect(composerOf({ slug: 'partner', lastCallAt: null }).composer).toMatchObject({ path: '', body: '' });
  });

  test('is empty again after the first call', () => {
    const { composer, nothingSent } = composerOf({ slug: 'practice', lastCallAt: NOW });
    expect(composer).toMatchObject({ path: '', body: '' });
    expect(nothingSent).not.toContain('ready');
  });

  test('says that nothing was sent where it was refused', () => {
    expect(
      composerOf({ slug: 'practice', lastCallAt: null }, { path: 'Begin it with a slash.' }).nothingSent,
    ).toContain('Nothing was sent');
  });
});
