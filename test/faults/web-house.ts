import { Client } from '../support/client.ts';
import { OWNER, type RunningApp, runApp } from '../support/running-app.ts';
import { type Held, House } from './house.ts';

/** A connection of a house with a web, and the word it stands under there. */
export interface Shown extends Held {
  readonly slug: string;
}

/** A house with so many connections, whose access tokens are over, as a person would run it: web and all. */
export interface WebHouse extends AsyncDisposable {
  readonly house: House;
  readonly shown: readonly Shown[];
  /** Starts the whole app on it, with the owner signed in. */
  open(env?: Record<string, string>): Promise<{ app: RunningApp; owner: Client }>;
  /** Lets every access token end. */
  endAll(): void;
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
    async open(env = {}) {
      const app = await runApp({ folder: house.folder, env: { LOG_LEVEL: 'warn', ...env } });
      const owner = new Client(app.origin);
      await owner.post('/sign-in', OWNER);
      return { app, owner };
    },
    [Symbol.asyncDispose]: () => house[Symbol.asyncDispose](),
  };
}
