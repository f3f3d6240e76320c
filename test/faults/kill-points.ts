import { connect, createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import type { Moment } from '../../src/kernel/checkpoint.ts';
import { hold } from '../support/provider.ts';
import type { Held, House } from './house.ts';
import type { Victim } from './victim-process.ts';

/** How far the provider had come with the call that was cut off. */
export type Reached = 'not-asked' | 'asked' | 'answer-lost' | 'stored';

/** A point at which a process is killed, and what its rows show afterwards. */
export interface KillPoint {
  readonly name: string;
  readonly what: string;
  readonly reached: Reached;
  /** How the first token call of the process that died ends on record; null: it has no row. */
  readonly record: 'interrupted' | 'answered' | null;
  /** Where the process after it dies too. */
  readonly diesAgainAt: Moment | null;
  /** Makes the process ask for a token and die of it. */
  readonly kill: (house: House, victim: Victim) => Promise<Held>;
}

/** A victim that ends itself at a moment of its renewal. */
function at(moment: Moment): KillPoint['kill'] {
  return async (house, victim) => {
    const held = await ready(house, victim);
    await victim.ask({ ask: 'die', at: moment });
    await victim.dieOf({ ask: 'fresh', place: held.place, callers: 1 });
    return held;
  };
}

/** A victim that is killed when the provider has come so far with its request, and then never answers. */
function held(where: 'request' | 'answer'): KillPoint['kill'] {
  return async (house, victim) => {
    const held = await ready(house, victim);
    const holding = hold(where);
    house.provider.next(holding.fault);
    void holding.reached.then(() => victim.kill('SIGKILL'));
    await victim.dieOf({ ask: 'fresh', place: held.place, callers: 1 });
    return held;
  };
}

/** A victim that is killed when half of its request has gone through; the other half never does. */
async function halfWay(house: House, victim: Victim): Promise<Held> {
  await using door = await openDoor(new URL(house.provider.origin).port, () => victim.kill('SIGKILL'));
  const held = await ready(house, victim, `http://127.0.0.1:${door.port}/token`);
  await victim.dieOf({ ask: 'fresh', place: held.place, callers: 1 });
  // The next process reaches the provider itself: only the connection that broke stood in between.
  const auth = `json_set(auth, '$.tokenUrl', ?)`;
  house.database
    .prepare(`update connection set auth = ${auth} where id = ?`)
    .run(house.provider.tokenUrl, held.place.connectionId);
  return held;
}

let rounds = 0;

/** Access tokens by turns in their margin and over. */
async function ready(house: House, victim: Victim, tokenUrl?: string): Promise<Held> {
  const held = await house.hold(victim, tokenUrl);
  house.age(held, (rounds += 1) % 2 === 0 ? 'due' : 'over');
  return held;
}

/** A door that lets half of the first bytes through, tells, and slams. */
async function openDoor(port: string, told: () => void): Promise<AsyncDisposable & { port: number }> {
  const server: Server = createServer((inside: Socket) => {
    const outside = connect(Number(port), '127.0.0.1');
    for (const socket of [inside, outside]) socket.on('error', () => socket.destroy());
    inside.once('data', (bytes) => {
      outside.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => {
        told();
        inside.destroy();
        outside.destroy();
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as { port: number }).port,
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}

const point = (
  name: string,
  what: string,
  reached: Reached,
  kill: KillPoint['kill'],
  more: Partial<KillPoint> = {},
) => ({
  name,
  what,
  reached,
  record: 'interrupted' as const,
  diesAgainAt: null,
  kill,
  ...more,
});

/** The kill points in the order of a renewal. */
export const KILL_POINTS: readonly KillPoint[] = [
  point('K0', 'before Tx A', 'not-asked', at('setting-out'), { record: null }),
  point('K1', 'after Tx A, before the connection', 'not-asked', at('claimed')),
  point('K2', 'request partly sent', 'not-asked', halfWay),
  point('K3', 'request sent, not yet looked at', 'asked', held('request')),
  point('K4', 'provider rotated, answer not sent', 'answer-lost', held('answer')),
  point('K5', 'answer received, before Tx B', 'answer-lost', at('answered')),
  point('K6', 'during Tx B', 'answer-lost', at('storing')),
  point('K7', 'after Tx B, before Tx C', 'stored', at('stored')),
  point('K8', 'after Tx C, before the reply', 'stored', at('recorded'), { record: 'answered' }),
  point('K9', 'during the recovery of K4', 'answer-lost', held('answer'), { diesAgainAt: 'recovered' }),
];
