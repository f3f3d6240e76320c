import { expect, test } from '@jest/globals';
import { exchangeDeletePage, selectionDeletePage } from '../../../src/web/presenters/exchange-deletion.ts';
import { NOW, sampleExchange } from '../views/samples.ts';

const asking = (count: number, pinned: number, isMore = false) =>
  selectionDeletePage({ count, pinned, isMore, search: null }, [['method', 'PUT']], null, NOW);

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
