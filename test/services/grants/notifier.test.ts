import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { refuseIfInTransaction, session } from '../../../src/db/session.ts';
import { withSystem } from '../../../src/db/system.ts';
import { createLogger } from '../../../src/kernel/logger.ts';
import { Grant } from '../../../src/model/grant.ts';
import { openNotices } from '../../../src/notices.ts';
import { maskFacts } from '../../../src/secrets/log-masking.ts';
import { hold } from '../../support/faults.ts';
import { type NoticeBoard, openNoticeBoard } from '../../support/notices.ts';
import { openStage, type Stage } from './stage.ts';

const HOUR_MS = 3_600_000;
const LONGER_THAN_ANY_WAIT_MS = 2 * HOUR_MS;

let board: NoticeBoard;
let stage: Stage;
let lines: string[];
let notices: NonNullable<ReturnType<typeof openNotices>>;

function listening(notifyUrl: string) {
  const destination = { write: (line: string) => void lines.push(line) };
  const logger = createLogger({ level: 'debug', format: 'json', maskFacts, destination });
  const { clock, url: publicUrl } = stage.app;
  const opened = openNotices({
    config: { notifyUrl },
    clock,
    publicUrl,
    logger,
    refuseIfInTransaction,
    ownPorts: () => [],
  });
  if (!opened) throw new Error('There is no NOTIFY_URL.');
  return opened;
}

beforeAll(async () => {
  lines = [];
  board = await openNoticeBoard();
  stage = await openStage();
  notices = listening(board.url);
});
afterEach(async () => {
  await withSystem(() => session.nativeUpdate(Grant, {}, { state: 'missing', reason: null, toldAt: null }));
  stage.app.clock.advance(LONGER_THAN_ANY_WAIT_MS);
  board.requests.length = 0;
});
afterAll(async () => {
  await notices.client.close();
  await stage[Symbol.asyncDispose]();
  await board[Symbol.asyncDispose]();
});

const tell = () => notices.notifier.tell();

/** A grant in need, as its row would stand. */
const needy = (columns: object = {}) => ({
  state: 'consent-needed',
  reason: 'invalid_grant',
  detail: 'The provider does not take it.',
  updatedAt: stage.app.clock.now(),
  toldAt: null,
  ...columns,
});

async function inNeed(columns: object = {}, fields: Record<string, string> = {}): Promise<string> {
  const slug = await stage.connect(fields);
  await stage.plant(slug, needy(columns));
  return slug;
}

describe('a grant that starts to need a person', () => {
  test('is told once: what it is, where to look, and no secret', async () => {
    const { slug } = await stage.due();
    stage.provider.next({ status: 400, body: { error: 'invalid_grant' } });
    await stage.renew(slug);
    const { state, reason, detail, updatedAt } = await stage.grant(slug);

    expect([await tell(), await tell()]).toEqual([1, 0]);

    expect(state).toBe('consent-needed');
    expect(board.notices).toEqual([
      {
        connection: slug,
        workspace: expect.stringMatching(/^[a-z-]+$/),
        state,
        reason,
        detail,
        href: `${stage.app.url}/connections/${slug}/grant`,
        at: updatedAt.toISOString(),
        connections: [slug],
        count: 1,
      },
    ]);
    const [{ method, body, headers }] = board.requests as [(typeof board.requests)[0]];
    expect([method, new Map(headers).get('content-type')]).toEqual(['POST', 'application/json']);
    expect(stage.provider.secrets().filter((secret) => body.includes(secret))).toEqual([]);
    expect((await stage.grant(slug)).toldAt).toEqual(expect.any(Date));
  });

  test.each([
    ['misconfigured', 0, 1],
    ['ambiguous', 3, 1],
    ['ambiguous', 2, 0],
    ['revoked', 0, 0],
    ['held', 0, 0],
  ])('%s, after %d tries: %d notices', async (state, failures, count) => {
    await inNeed({ state, failures });

    expect([await tell(), board.notices.length]).toEqual([count, count]);
  });

  test('is told anew when it was good in between', async () => {
    const { slug } = await stage.due();
    stage.provider.next({ status: 400, body: { error: 'invalid_scope' } });
    await stage.renew(slug);
    await tell();
    await stage.renew(slug);
    expect(await stage.grant(slug)).toMatchObject({ state: 'held', toldAt: null });
    await stage.plant(slug, needy());

    await tell();

    expect(board.notices.map(({ state }) => state)).toEqual(['misconfigured', 'consent-needed']);
  });

  test('is no news after a day', async () => {
    await inNeed({ updatedAt: new Date(stage.app.clock.now().getTime() - 25 * HOUR_MS) });

    expect([await tell(), board.notices]).toEqual([0, []]);
  });

  test('is told once by two that look at the same time', async () => {
    await inNeed();
    const other = listening(board.url);

    const taken = await Promise.all([tell(), other.notifier.tell(), tell()]);
    await other.client.close();

    expect([taken.toSorted(), board.notices.length]).toEqual([[0, 0, 1], 1]);
  });

  test('that moves while it is being told is told as it is then, too', async () => {
    const slug = await inNeed();
    const stopped = hold('answer');
    board.next(stopped.fault);
    const telling = tell();
    await stopped.reached;
    stage.app.clock.advance(1_000);
    await stage.plant(slug, needy({ state: 'misconfigured', generation: 9 }));
    stopped.release();

    expect(await telling).toBe(1);
    expect(await tell()).toBe(1);
    expect(board.notices.map(({ state }) => state)).toEqual(['consent-needed', 'misconfigured']);
  });
});

describe('a client that its provider does not know any more', () => {
  const refused = { state: 'misconfigured', reason: 'invalid_client' };

  test('is told of once, however many grants wait for it and whenever they find out', async () => {
    const slugs = [];
    for (const name of ['First', 'Second', 'Third']) slugs.push(await inNeed(refused, { name }));
    const late = await stage.connect({ name: 'Late' });
    const other = await inNeed(refused, { name: 'Xenia', clientId: 'another' });

    expect(await tell()).toBe(2);
    expect(board.notices).toMatchObject([
      { connection: slugs[0], connections: slugs, count: 3 },
      { connection: other, count: 1 },
    ]);

    await stage.plant(late, needy(refused));
    expect([await tell(), board.notices.length]).toEqual([0, 2]);
    expect((await stage.grant(late)).toldAt).toEqual(expect.any(Date));
  });

  test('is another trouble in another connection of it, where the reason is another', async () => {
    await inNeed(refused);
    await inNeed({ state: 'misconfigured', reason: 'invalid_scope' });

    expect(await tell()).toBe(2);
  });
});

describe('a listener that does not take a notice', () => {
  test.each([
    ['answers with a fault', { status: 503 }],
    ['redirects', { status: 307, headers: { location: '/elsewhere' } }],
    ['breaks off', 'reset' as const],
  ])('%s: is asked again, later each time', async (_what, fault) => {
    const slug = await inNeed();
    board.next(fault, fault);

    expect([await tell(), await tell(), board.requests.length]).toEqual([0, 0, 1]);
    expect((await stage.grant(slug)).toldAt).toBeNull();
    stage.app.clock.advance(31_000);
    expect([await tell(), board.requests.length]).toEqual([0, 2]);
    stage.app.clock.advance(31_000);
    expect([await tell(), board.requests.length]).toEqual([0, 2]);
    stage.app.clock.advance(30_000);
    expect([await tell(), board.requests.length]).toEqual([1, 3]);
    expect(new Set(board.requests.map(({ path }) => path)).size).toBe(1);
  });

  test('and whose process died over it is asked by another', async () => {
    await inNeed();
    const stopped = hold('answer');
    board.next(stopped.fault);
    const dying = tell();
    await stopped.reached;
    const other = listening(board.url);
    expect(await other.notifier.tell()).toBe(0);

    stage.app.clock.advance(31_000);
    expect(await other.notifier.tell()).toBe(1);

    stopped.release();
    await dying;
    await other.client.close();
    expect(board.notices).toHaveLength(2);
  });

  test('holds nobody up: calls and renewals go on meanwhile', async () => {
    await inNeed();
    const { slug } = await stage.due({ name: 'Busy' });
    const stopped = hold('answer');
    board.next(stopped.fault);
    const telling = tell();
    await stopped.reached;

    expect((await stage.renew(slug)).json()).toMatchObject({ state: 'fresh', generation: 2 });
    await stage.owner.call(slug, 'POST', '/orders');
    stopped.release();
    expect(await telling).toBe(1);
  });

  test('is not told to the log by its address, which is a secret', async () => {
    await inNeed();
    board.next({ status: 500 });
    await tell();

    expect(lines.join('')).toContain('NOTIFY_URL did not take a notice');
    expect(lines.join('')).not.toContain('hook-secret');
  });
});

describe('the address of notices', () => {
  test.each(['http://169.254.169.254/latest', 'http://metadata.google.internal/'])(
    'opens no way to the host’s own secrets: %s',
    async (address) => {
      await inNeed();
      const other = listening(address);

      expect(await other.notifier.tell()).toBe(0);
      await other.client.close();
      expect(lines.at(-1)).toContain('refused-address');
    },
  );

  test('is none where the setting is not given', () => {
    const { clock, url: publicUrl } = stage.app;
    const logger = createLogger({
      level: 'silent',
      format: 'json',
      maskFacts,
      destination: { write: () => undefined },
    });
    const parts = { clock, publicUrl, logger, refuseIfInTransaction, ownPorts: () => [] };
    expect(openNotices({ ...parts, config: { notifyUrl: null } })).toBeNull();
  });
});
