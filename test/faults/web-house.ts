import { Client } from '../support/client.ts';
import { OWNER, type RunningApp, runApp } from '../support/running-app.ts';
import { type Held, House } from './house.ts';

/** A connection of a house with a web, and the word it stands under there. */
export interface Shown extends Held {
  readonly slug: string;
}

/** The whole app as a process of its own, with the owner signed in; it ends with the block that opened it. */
export interface OpenWeb extends AsyncDisposable {
  readonly app: RunningApp;
  readonly owner: Client;
}

/** A house with so many connections, whose access tokens are over, as a person would run it: web and all. */
export interface WebHouse extends AsyncDisposable {
  readonly house: House;
  readonly shown: readonly Shown[];
  /** Starts the whole app on it. */
  readonly open: (env?: Record<string, string>) => Promise<OpenWeb>;
  /** Lets every access token end. */
  readonly endAll: () => void;
  /** Has the background renew them all, or none. */
  readonly keepAlive: (isWanted: boolean) => void;
}

export async function openWebHouse(connections: number): Promise<WebHouse> {
  const house = await House.open('strict');
  const victim = await house.start();
  const held: Held[] = [];
  while (held.length < connections) held.push(await house.hold(victim));
  await victim.ask({ ask: 'leave' });
  await victim[Symbol.asyncDispose]();
  const slugs = house.database.prepare('select slug from connection where id = ?').pluck();
  const shown = held.map((one) => ({ ...one, slug: String(slugs.get(one.place.connectionId)) }));
  const endAll = () => void house.database.prepare('update "grant" set expires_at = ?').run(Date.now() - 1);
  endAll();
  return {
    house,
    shown,
    endAll,
    keepAlive: (isWanted) => void house.database.prepare('update connection set keep_alive = ?').run(Number(isWanted)),
    open: async (env = {}) => {
      const app = await runApp({ folder: house.folder, env: { LOG_LEVEL: 'warn', ...env } });
      const owner = new Client(app.origin);
      await owner.post('/sign-in', OWNER);
      return { app, owner, [Symbol.asyncDispose]: () => app[Symbol.asyncDispose]() };
    },
    [Symbol.asyncDispose]: () => house[Symbol.asyncDispose](),
  };
}
