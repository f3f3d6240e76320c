import { session } from '../../../src/db/session.ts';
import { withSystem } from '../../../src/db/system.ts';
import { Connection } from '../../../src/model/connection.ts';
import { DeviceAttempt } from '../../../src/model/device-attempt.ts';
import { Exchange } from '../../../src/model/exchange.ts';
import type { Client } from '../../support/client.ts';
import type { Stage } from '../grants/stage.ts';

const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';

/** Consents on other devices on a stage: started by form, asked for when a test says so. */
export class WaitingRoom {
  readonly #stage: Stage;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** A connection by device code that holds a grant already, of generation 1; gives its slug. */
  async connected(fields: Record<string, string> = {}): Promise<string> {
    const { deviceAuthorizationUrl } = this.#stage.provider;
    const settings = { grantType: DEVICE_CODE, deviceAuthorizationUrl, scope: 'orders' };
    const { slug } = await this.#stage.hold({ ...settings, ...fields });
    return slug;
  }

  /** Asks for a code; gives the path of its page. */
  async begun(slug: string, browser: Client = this.#stage.owner): Promise<string> {
    const reply = await browser.post(`/connections/${slug}/devices`, {});
    if (reply.status !== 303)
      throw new Error(`No code came: ${reply.status} ${reply.text.replaceAll(/<[^>]+>/g, ' ')}`);
    return reply.location;
  }

  /** Lets time pass, and every poll that is due then come to its end. */
  async pass(seconds: number): Promise<void> {
    const { clock, running } = this.#stage.app;
    clock.advance(seconds * 1000);
    await running.workings.deviceSweep.sweep();
    await running.workings.deviceSweep.landed();
  }

  /** The newest attempt of a connection. */
  async attempt(slug: string): Promise<DeviceAttempt> {
    const [newest] = await this.attempts(slug);
    if (!newest) throw new Error('Nobody asked for a code.');
    return newest;
  }

  /** Newest first. */
  attempts(slug: string): Promise<DeviceAttempt[]> {
    return withSystem(async () => {
      const { id: connectionId } = await session.findOneOrFail(Connection, { slug });
      return session.find(DeviceAttempt, { connectionId }, { orderBy: { id: 'desc' } });
    });
  }

  /** Plants columns of the newest attempt's row. */
  async plant(slug: string, columns: object): Promise<void> {
    const { id } = await this.attempt(slug);
    await withSystem(() => session.nativeUpdate(DeviceAttempt, { id }, columns));
  }

  /** Recorded exchanges of a kind, oldest first. */
  exchanges(slug: string, kind: 'device' | 'token' | 'revocation'): Promise<Exchange[]> {
    return withSystem(async () => {
      const { id: connectionId } = await session.findOneOrFail(Connection, { slug });
      return session.find(Exchange, { connectionId, kind }, { orderBy: { id: 'asc' } });
    });
  }

  /** Polls that the provider saw. */
  polls(): number {
    return this.#stage.provider.asked.byGrant.get(DEVICE_CODE) ?? 0;
  }

  /** Attempts there are that wait. */
  count(): Promise<number> {
    return withSystem(() => session.count(DeviceAttempt, { state: 'pending' }));
  }

  /** Ends what is left waiting, so that it takes no part in the next test. */
  async clear(): Promise<void> {
    await this.#stage.app.running.workings.deviceSweep.landed();
    await withSystem(() => session.nativeDelete(DeviceAttempt, { state: 'pending' }));
  }
}

/** A page's text, without its marks. */
export function textOf(html: string): string {
  return html
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll('&#39;', "'")
    .replaceAll(/\s+/g, ' ');
}
