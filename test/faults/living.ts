import { randomUUID } from 'node:crypto';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { loadConfig } from '../../src/config.ts';
import { session, withSession } from '../../src/db/session.ts';
import type { Moment } from '../../src/kernel/checkpoint.ts';
import type { Clock } from '../../src/kernel/clock.ts';
import { AppError } from '../../src/kernel/errors.ts';
import { isSafeMethod } from '../../src/kernel/exchange.ts';
import { systemRandom } from '../../src/kernel/ids.ts';
import { createLogger } from '../../src/kernel/logger.ts';
import { Connection } from '../../src/model/connection.ts';
import { startTicker } from '../../src/jobs/ticker.ts';
import { openData } from '../../src/opening.ts';
import { maskFacts } from '../../src/secrets/log-masking.ts';
import { readConnectionInput } from '../../src/services/connections/connection-input.ts';
import { connectionPatch, patchedInput } from '../../src/services/connections/connection-patch.ts';
import { ANY_FRESH } from '../../src/services/grants/grant-verdict.ts';
import { REPLAY_MS } from '../../src/services/grants/spilled-tokens.ts';
import type { GrantPlace } from '../../src/services/grants/token-keeper.ts';
import { createWorkings, type Workings } from '../../src/workings.ts';
import { OWNER } from '../support/running-app.ts';
import { numberedBody } from './api-book.ts';
import type { Got, Life, Question, Sent, Wanted } from './life.ts';

/** Nobody listens here. */
const NOBODY = 'http://127.0.0.1:9';

/** A hash that is of no worth and takes no time. */
const QUICK = { memory: 64, passes: 1, parallelism: 1 };

/** Starts as `serve` does, without its web, and answers its parent until it is ended. */
export async function live(life: Life): Promise<void> {
  const moments = new Moments(life.diesAt);
  const clock = { offMs: life.clockOffMs, now: () => new Date(Date.now() + clock.offMs) };
  const { workings, logger, close } = await open(life, clock, moments);
  const { register, spilled, sweep, keeper, chance } = workings;
  const loop = monitorEventLoopDelay({ resolution: 1 });
  loop.enable();
  await register.enter();
  await spilled.replay();
  await register.closeDead();
  startTicker({ name: 'spill', everyMs: REPLAY_MS, jitter: 0.1, chance, logger }, () => spilled.replay());
  const recovering = sweep.recover();

  const answers = async (question: Question): Promise<unknown> => {
    switch (question.ask) {
      case 'make':
        return make(workings, question.wanted);
      case 'fresh':
        return Promise.all(
          Array.from({ length: question.callers }, () => fresh(workings, question.place, question.above)),
        );
      case 'send':
        return send(workings, question);
      case 'die':
        return moments.dieAt(question.at);
      case 'fail':
        return moments.failAt(question.at, question.times);
      case 'settle':
        await recovering;
        await keeper.landed();
        return null;
      case 'clock':
        clock.offMs = question.offMs;
        return null;
      case 'rename':
        return rename(workings, question.place, question.name);
      case 'lag': {
        const longest = loop.max / 1e6;
        loop.reset();
        return longest;
      }
      case 'commits':
        return moments.commits;
      case 'leave':
        await close();
        return null;
    }
  };
  process.on('message', ({ id, question }: { id: number; question: Question }) => {
    answers(question).then(
      (reply) => process.send?.({ id, reply }),
      (error: unknown) => process.send?.({ id, fault: error instanceof Error ? error.stack : String(error) }),
    );
  });
  process.on('disconnect', () => process.exit());
  process.send?.({ id: 0, reply: null });
}

async function open({ databaseFile, env }: Life, clock: Clock, moments: Moments) {
  const settings = { DATABASE_URL: `sqlite:${databaseFile}`, PRACTICE: 'off', LOG_LEVEL: 'warn', ...env };
  const config = loadConfig(settings, false);
  const logger = createLogger({ level: config.logLevel, format: 'json', maskFacts });
  const random = systemRandom;
  const opened = await openData({ config, logger, random });
  const workings = createWorkings({
    ...opened,
    config,
    version: '0.0.0',
    publicUrl: NOBODY,
    clock,
    random,
    logger,
    ownPorts: () => [],
    practicePort: () => null,
    passwordCost: QUICK,
    checkpoint: (moment) => moments.come(moment),
  });
  await workings.gatekeeper.ensureOwner(OWNER.email, OWNER.password);
  const close = () => workings.leave().then(() => opened.database.close());
  return { workings, logger, close };
}

async function make({ workspaces, connector }: Workings, { baseUrl, ...wanted }: Wanted): Promise<GrantPlace> {
  const { id: workspaceId } = await workspaces.find('workspace');
  const auth = { type: 'oauth2', grantType: 'refresh_token', ...wanted };
  const input = readConnectionInput({ name: 'Partner', slug: randomUUID(), baseUrl: baseUrl ?? NOBODY, auth });
  const actor = { workspaceId, role: 'owner', name: OWNER.email } as const;
  const { id } = await withSession(workspaceId, () => connector.create(actor, input));
  return { workspaceId, connectionId: id };
}

async function rename({ connector }: Workings, { workspaceId, connectionId }: GrantPlace, name: string): Promise<null> {
  const actor = { workspaceId, role: 'owner', name: OWNER.email } as const;
  await withSession(workspaceId, async () => {
    const { slug } = await session.findOneOrFail(Connection, { id: connectionId });
    await connector.edit(actor, slug, (is, usualMs) => patchedInput(is, connectionPatch.parse({ name }), usualMs));
  });
  return null;
}

async function fresh({ keeper }: Workings, place: GrantPlace, above = ANY_FRESH.above): Promise<Got> {
  const since = performance.now();
  try {
    const token = await withSession(place.workspaceId, () => keeper.fresh(place, { ...ANY_FRESH, above }));
    return { ms: performance.now() - since, token };
  } catch (error) {
    return { ms: performance.now() - since, code: codeOf(error) };
  }
}

type Sending = Extract<Question, { ask: 'send' }>;

async function send({ sender }: Workings, { place, method, number }: Sending): Promise<Sent> {
  const since = performance.now();
  const { workspaceId, connectionId } = place;
  const actor = { workspaceId, role: 'editor', name: OWNER.email } as const;
  const body = isSafeMethod(method) ? null : numberedBody(number);
  try {
    const id = await withSession(workspaceId, async () => {
      const { slug } = await session.findOneOrFail(Connection, { id: connectionId });
      return sender.send(actor, slug, { method, path: `/${number}`, headers: [], body });
    });
    return { ms: performance.now() - since, id };
  } catch (error) {
    return { ms: performance.now() - since, code: codeOf(error) };
  }
}

function codeOf(error: unknown): string {
  return error instanceof AppError ? error.code : `not foreseen: ${String(error)}`;
}

/** Listens to renewals: ends the process, or throws, where it was told to; and takes the time of commits. */
class Moments {
  readonly commits: number[] = [];
  #end: Moment | null;
  #failing: { at: Moment; times: number } | null = null;
  #answeredAt = 0;

  constructor(end: Moment | null) {
    this.#end = end;
  }

  dieAt(moment: Moment): null {
    this.#end = moment;
    return null;
  }

  failAt(at: Moment, times: number): null {
    this.#failing = { at, times };
    return null;
  }

  come(moment: Moment): void {
    if (moment === this.#end) process.kill(process.pid, 'SIGKILL');
    if (moment === 'answered') this.#answeredAt = performance.now();
    if (moment === 'stored') this.commits.push(performance.now() - this.#answeredAt);
    if (moment !== this.#failing?.at || this.#failing.times === 0) return;
    this.#failing.times -= 1;
    throw new Error('Planted: this passage fails.');
  }
}
