import { describe, expect, test } from '@jest/globals';
import type { ToldGrantState } from '../../../src/kernel/grant-telling.ts';
import { grantBanners } from '../../../src/web/presenters/grant-banners.ts';
import { sampleTelling } from '../views/samples.ts';

const EDIT = { label: 'Edit the connection', href: '/connections/partner/edit' };

const told = (connection: string, state: ToldGrantState, changes: object = {}) =>
  sampleTelling(state, { connection, action: null, ...changes });
const refused = (connection: string, changes: object = {}) =>
  told(connection, 'misconfigured', { reason: 'invalid_client', action: EDIT, ...changes });

describe('grants that need a person', () => {
  test('get a banner each, with what to do', () => {
    const action = { label: 'Consent again', href: '/connections/one/consent' };

    expect(
      grantBanners([told('one', 'consent-needed', { action }), told('two', 'revoked'), told('three', 'fresh')]),
    ).toEqual([
      { text: 'The connection “one” needs consent again before calls can go out.', ...action },
      {
        text: 'The connection “two” has no grant any more: it was revoked.',
        label: 'Look',
        href: '/connections/two/grant',
      },
    ]);
  });

  test('get none while what is ambiguous is tried again by itself', () => {
    expect(grantBanners([told('one', 'ambiguous')])).toEqual([]);
    expect(grantBanners([told('one', 'ambiguous', { action: EDIT })])).toMatchObject([
      { text: expect.stringContaining('may have lost') },
    ]);
  });

  test('are counted where they are many', () => {
    const many = Array.from({ length: 1_000 }, (_, number) => told(`c${number}`, 'consent-needed'));

    const banners = grantBanners(many);

    expect(banners).toHaveLength(4);
    expect(banners.at(-1)).toEqual({
      text: '997 more connections need a person.',
      label: 'All connections',
      href: '/connections',
    });
  });
});

describe('a client that its provider does not accept', () => {
  test('gets one banner for a thousand grants', () => {
    const many = Array.from({ length: 1_000 }, (_, number) => refused(`c${number}`));

    expect(grantBanners(many)).toEqual([
      { text: 'The client “abc” is not accepted by id.partner.example: 1000 connections wait for it.', ...EDIT },
    ]);
  });

  test('is told apart from others: another client, another address, another reason', () => {
    const another = { client: { tokenUrl: 'https://id.partner.example/token', clientId: 'xyz' } };
    const elsewhere = { client: { tokenUrl: 'https://id.elsewhere.example/token', clientId: 'abc' } };
    const banners = grantBanners([
      refused('one'),
      refused('two', another),
      refused('three', elsewhere),
      refused('four', { reason: 'invalid_scope' }),
    ]);

    expect(banners.map(({ text }) => text)).toEqual(
      ['one', 'two', 'three', 'four'].map((slug) => `The connection “${slug}” is not set up as its provider wants it.`),
    );
  });
});
