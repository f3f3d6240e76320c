import { session, withSession } from '../../src/db/session.ts';
import { withSystem } from '../../src/db/system.ts';
import { idsBy } from '../../src/kernel/ids.ts';
import { ApiKey } from '../../src/model/api-key.ts';
import { Invitation } from '../../src/model/invitation.ts';
import { Membership } from '../../src/model/membership.ts';
import { Workspace } from '../../src/model/workspace.ts';
import type { Api } from './api.ts';
import type { TestApp } from './app.ts';
import type { Client } from './client.ts';
import { newKey } from './keys.ts';
import { join } from './people.ts';
import type { Provider } from './provider.ts';

/** A workspace with one of everything, and ways to make more of what a request uses up. */
export class World {
  /** Stands in the name of everything here: nobody elsewhere may ever see it. */
  readonly mark = 'Only for here';
  readonly app: TestApp;
  readonly owner: Client;
  readonly provider: Provider;
  readonly api: Api;
  exchangeId = '';

  constructor(parts: Pick<World, 'app' | 'owner' | 'provider' | 'api'>) {
    this.app = parts.app;
    this.owner = parts.owner;
    this.provider = parts.provider;
    this.api = parts.api;
  }

  async fill(): Promise<void> {
    await this.connect('partner');
    const body = { body: '{"item":"ink"}', contentType: 'json' };
    this.exchangeId = await this.owner.call('partner', 'POST', '/orders', body);
  }

  /** A new call on record; gives the exchange's id. */
  call(): Promise<string> {
    return this.owner.call('partner', 'GET', '/orders');
  }

  /** A new connection that holds a grant; gives its slug. */
  async connect(slug = `more-${idsBy(this.app.clock)()}`): Promise<string> {
    const { provider, api, mark } = this;
    const made = await this.owner.connect({ provider, apiOrigin: api.origin, slug, name: `${mark}: ${slug}` });
    await this.owner.told(made);
    return made;
  }

  /** A new member; gives the membership's id. */
  async member(): Promise<string> {
    await join(this.app, 'viewer');
    return this.#newest(() => session.find(Membership, {}, { orderBy: { id: 'desc' }, limit: 1 }));
  }

  async key(): Promise<string> {
    await newKey(this.owner, 'viewer');
    return this.#newest(() => session.find(ApiKey, {}, { orderBy: { id: 'desc' }, limit: 1 }));
  }

  async invitation(): Promise<string> {
    await this.owner.post('/invitations', { note: this.mark, role: 'viewer' });
    return this.#newest(() => session.find(Invitation, {}, { orderBy: { id: 'desc' }, limit: 1 }));
  }

  async #newest(find: () => Promise<{ id: string }[]>): Promise<string> {
    const [first] = await withSystem(() => session.find(Workspace, {}, { orderBy: { createdAt: 'asc' }, limit: 1 }));
    const [newest] = await withSession(first?.id ?? '', find);
    return newest?.id ?? 'none';
  }
}
