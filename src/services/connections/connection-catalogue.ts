import { session } from '../../db/session.ts';
import { NotFound } from '../../kernel/errors.ts';
import type { Vault } from '../../kernel/vault.ts';
import { Connection } from '../../model/connection.ts';
import { Grant } from '../../model/grant.ts';
import { type ConnectionDocument, connectionDocument } from './connection-document.ts';
import { secretsOf } from './secrets-of.ts';

/** A place in the list of connections: after this one. */
export interface CatalogueCursor {
  readonly name: string;
  readonly id: string;
}

/** A page of the list; `next` is where the page after it begins, or null. */
export interface CataloguePage {
  readonly items: readonly ConnectionDocument[];
  readonly next: CatalogueCursor | null;
}

/** Shows connections as programs see them. */
export class ConnectionCatalogue {
  readonly #vault: Vault;

  constructor({ vault }: { readonly vault: Vault }) {
    this.#vault = vault;
  }

  /** Throws `NotFound`. */
  async find(slug: string): Promise<ConnectionDocument> {
    const connection = await session.findOne(Connection, { slug }, { populate: ['sealedSecrets'] });
    const [document] = connection ? await this.#documents([connection]) : [];
    if (!document) throw new NotFound('connection', slug);
    return document;
  }

  /** Connections of the workspace, `limit` at most, by name and then by id. */
  async page(after: CatalogueCursor | null, limit: number): Promise<CataloguePage> {
    const beyond = after && { $or: [{ name: { $gt: after.name } }, { name: after.name, id: { $gt: after.id } }] };
    const found = await session.find(Connection, beyond ?? {}, {
      orderBy: { name: 'asc', id: 'asc' },
      limit: limit + 1,
      populate: ['sealedSecrets'],
    });
    const items = found.slice(0, limit);
    const last = found.length > limit ? items.at(-1) : undefined;
    return { items: await this.#documents(items), next: last ? { name: last.name, id: last.id } : null };
  }

  async #documents(connections: readonly Connection[]): Promise<ConnectionDocument[]> {
    const grants = await session.find(
      Grant,
      { connectionId: { $in: connections.map(({ id }) => id) } },
      { populate: ['sealedAccessToken', 'sealedRefreshToken'], refresh: true },
    );
    const byConnection = new Map(grants.map((grant) => [grant.connectionId, grant]));
    const documents: ConnectionDocument[] = [];
    for (const connection of connections) {
      const grant = byConnection.get(connection.id);
      const secrets = await secretsOf(this.#vault, connection);
      const tokens = {
        accessToken: typeof grant?.sealedAccessToken === 'string',
        refreshToken: typeof grant?.sealedRefreshToken === 'string',
      };
      documents.push(connectionDocument(connection, secrets, tokens));
    }
    return documents;
  }
}
