import { expect, test } from '@jest/globals';
import { session } from '../src/db/session.ts';
import { withSystem } from '../src/db/system.ts';
import { Grant } from '../src/model/grant.ts';
import { openApp } from './support/app.ts';
import { openNoticeBoard } from './support/notices.ts';

test('NOTIFY_URL is told of a grant in need without anybody asking', async () => {
  await using board = await openNoticeBoard();
  await using app = await openApp({ NOTIFY_URL: board.url, EGRESS: 'public' });
  const owner = await app.owner();
  const provider = { origin: 'https://id.partner.example', clientId: 'abc', clientSecret: null };
  const slug = await owner.connect({ provider, apiOrigin: 'https://api.partner.example', clientSecret: 'never-used' });
  const need = { state: 'consent-needed', reason: 'expired', updatedAt: app.clock.now() } as const;
  await withSystem(() => session.nativeUpdate(Grant, { state: 'missing' }, need));

  await board.arrived;

  expect(board.notices).toMatchObject([{ connection: slug, state: 'consent-needed', reason: 'expired' }]);
}, 20_000);
