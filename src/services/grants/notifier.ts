import { toldGrants, untoldGrants } from '../../db/queries/grants-untold.ts';
import { session } from '../../db/session.ts';
import { withSystem } from '../../db/system.ts';
import type { Clock } from '../../kernel/clock.ts';
import { CLIENT_REFUSED, troubleOf } from '../../kernel/grant-telling.ts';
import type { Logger } from '../../kernel/logger.ts';
import type { Send } from '../../kernel/outbound.ts';
import { Grant } from '../../model/grant.ts';
import { maskerFor } from '../../secrets/masking.ts';
import { RECOVERY_TRIES } from './grant-clock.ts';
import { type Notice, noticeOf, type Trouble, troublesOf } from './notice.ts';
import { NoticeTurn } from './notice-turn.ts';
import { tellGrant } from './told-grant.ts';

/** How often it is looked for grants that need a person. */
export const NOTICE_MS = 5_000;

/** What began longer ago is no news any more. */
const NEWS_MS = 24 * 60 * 60_000;
const DEADLINE_MS = 10_000;
const ANSWER_BYTES = 64 * 1024;

interface Parts {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Reaches `notifyUrl` and nothing else. */
  readonly send: Send;
  readonly notifyUrl: string;
  readonly publicUrl: string;
}

/**
 * Tells whoever listens at `NOTIFY_URL` that grants need a person: one POST for each trouble, whichever process finds it.
 * A grant counts as told once the POST was answered with 2xx, so a crash in between tells twice rather than never.
 */
export class Notifier {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** One look; gives how many POSTs were taken. What is not taken is tried again for a day, later each time. */
  async tell(): Promise<number> {
    if ((await this.#untold()).length === 0) return 0;
    const turn = await NoticeTurn.take(this.#parts.clock);
    return turn ? this.#tellAll(turn) : 0;
  }

  async #tellAll(turn: NoticeTurn): Promise<number> {
    let taken = 0;
    for (const trouble of await this.#untold()) {
      if (await this.#isTold(trouble)) {
        await this.#mark(trouble);
        continue;
      }
      if (!(await turn.keep())) return taken;
      if (!(await this.#post(trouble))) {
        await turn.backOff();
        return taken;
      }
      await this.#mark(trouble);
      taken += 1;
    }
    await turn.giveBack();
    return taken;
  }

  async #untold(): Promise<Trouble[]> {
    const now = this.#parts.clock.now();
    const since = new Date(now.getTime() - NEWS_MS);
    return troublesOf(await withSystem(() => untoldGrants(since, RECOVERY_TRIES)), now);
  }

  /** A client that was told of is no news when one more of its grants finds out. */
  async #isTold({ workspaceId, key }: Trouble): Promise<boolean> {
    const now = this.#parts.clock.now();
    const told = await withSystem(() => toldGrants(workspaceId, CLIENT_REFUSED));
    return told.some((grant) => `${workspaceId} ${troubleOf(tellGrant(grant, now))}` === key);
  }

  async #post(trouble: Trouble): Promise<boolean> {
    const { clock, logger, send, publicUrl } = this.#parts;
    const notice = noticeOf(trouble, publicUrl, clock.now());
    const facts = { connection: notice.connection, state: notice.state, grants: notice.count };
    const { outcome } = await send(this.#call(notice));
    const answer = outcome.kind === 'answered' ? outcome : outcome.partial;
    if (answer && answer.status >= 200 && answer.status < 300) {
      logger.info(facts, 'NOTIFY_URL was told that a grant needs a person.');
      return true;
    }
    const why = answer ? { status: answer.status } : outcome.kind === 'failed' && { reason: outcome.reason };
    logger.warn({ ...facts, ...why }, 'NOTIFY_URL did not take a notice. It is sent again later.');
    return false;
  }

  #call(notice: Notice): Parameters<Send>[0] {
    const { origin, pathname, search, href } = new URL(this.#parts.notifyUrl);
    const body = Buffer.from(JSON.stringify(notice));
    return {
      request: {
        method: 'POST',
        url: href,
        headers: [
          ['content-type', 'application/json'],
          ['user-agent', 'callbook'],
        ],
        body,
      },
      lane: { key: 'notices', width: 1 },
      deadlineMs: DEADLINE_MS,
      keepBytes: 0,
      maxBytes: ANSWER_BYTES,
      redirects: 'none',
      origins: [origin],
      credentialHeaders: [],
      // Addresses of this sort are secrets: whoever knows one may post to it.
      masker: maskerFor({ secrets: [pathname + search, pathname], wide: false }),
    };
  }

  /** Not one that has moved since it was read: that would be another event. */
  async #mark({ grants }: Trouble): Promise<void> {
    const ids = grants.map(({ id }) => id);
    const seenAt = new Date(Math.max(...grants.map(({ updatedAt }) => updatedAt.getTime())));
    const toldAt = this.#parts.clock.now();
    await withSystem(() =>
      session.nativeUpdate(Grant, { id: { $in: ids }, toldAt: null, updatedAt: { $lte: seenAt } }, { toldAt }),
    );
  }
}
