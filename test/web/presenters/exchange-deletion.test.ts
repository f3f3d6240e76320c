import { expect, test } from '@jest/globals';
import { exchangeDeletePage, selectionDeletePage } from '../../../src/web/presenters/exchange-deletion.ts';
import { NO_FILTERS, NOW, sampleExchange } from '../views/samples.ts';

const PUT = { ...NO_FILTERS, method: 'PUT' };
const NONE = { count: 0, pinned: 0, pending: 0, isMore: false, search: null };
const asking = (count: number, pinned: number, isMore = false) =>
  selectionDeletePage({ ...NONE, count, pinned, isMore }, PUT, null, NOW);

test('the page that asks before one exchange is deleted says “it”, however that one was chosen', () => {
  const said = { button: 'Delete it', keep: 'Keep it' };
  expect(exchangeDeletePage(sampleExchange(), false)).toMatchObject({ ...said, note: null });
  expect(asking(1, 0)).toMatchObject({ ...said, title: 'Delete 1 exchange?', note: null });
  expect(asking(1, 1).note).toBe('It is pinned, and would go too.');
});

test('the page that asks before several are deleted says “them”', () => {
  const said = { button: 'Delete them', keep: 'Keep them' };
  expect(asking(2, 1)).toMatchObject({ ...said, note: '1 of them is pinned, and would go too.' });
  expect(asking(3, 2)).toMatchObject({ ...said, note: '2 of them are pinned, and would go too.' });
  expect(asking(1, 1, true)).toMatchObject({ ...said, note: '1 of them is pinned, and would go too.' });
});

test('the page says how many stay because they are still on their way', () => {
  const said = (count: number, pending: number, removed: number | null = null) =>
    selectionDeletePage({ ...NONE, count, pending }, PUT, removed, NOW);
  expect(said(2, 1)).toMatchObject({
    title: 'Delete 2 exchanges?',
    notes: ['1 exchange is still on its way, and stays.'],
  });
  expect(said(0, 2)).toMatchObject({
    title: 'Nothing to delete',
    lead: 'There are no exchanges that match method PUT that have come to their end.',
    notes: ['2 exchanges are still on their way, and stay.'],
    button: null,
  });
  expect(said(0, 1, 3)).toMatchObject({ title: 'Deleted', removed: '3 exchanges are deleted.', button: null });
});

test('a number that may not be all is the least there is', () => {
  expect(asking(1_000, 0, true).title).toBe('Delete at least 1,000 exchanges?');
  expect(asking(0, 0, true)).toMatchObject({ title: 'Delete what a longer search finds?', button: 'Delete them' });
});

test('filters are said in the words of their form', () => {
  const filters = {
    q: 'paper boat',
    connection: 'partner',
    method: 'PUT',
    status: '4xx',
    outcome: 'answered',
    kind: 'token',
    pinned: 'false',
    since: '2026-01-01',
    until: '2026-02-01T09:00Z',
    minMs: '0',
    minBytes: '10',
    generation: '7',
    sentBy: 'API key ci',
  };
  expect(selectionDeletePage({ ...NONE, count: 2 }, filters, null, NOW).lead).toBe(
    'Exchanges that match the text “paper boat”, connection partner, method PUT, status 4xx, outcome answered, ' +
      'kind “Token call”, not pinned, from 2026-01-01 (UTC), before 2026-02-01T09:00Z (UTC), took at least 0 ms, ' +
      'answer at least 10 bytes, generation 7, sent by API key ci.',
  );
});
