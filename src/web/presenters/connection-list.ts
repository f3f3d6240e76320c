import type { GrantTelling } from '../../kernel/grant-telling.ts';
import { mayAct, type Role } from '../../kernel/role.ts';
import type { Connection } from '../../model/connection.ts';
import { grantView } from './grant-view.ts';
import { agoText } from './measures.ts';

/** A connection with what is told about its grant. */
export interface ToldConnection {
  readonly connection: Connection;
  readonly telling: GrantTelling;
}

/** What a list shows of a connection. */
export function connectionRow({ connection, telling }: ToldConnection, now: Date) {
  return {
    name: connection.name,
    slug: connection.slug,
    href: `/connections/${connection.slug}`,
    baseUrl: connection.baseUrl,
    authWord: authWord(connection),
    lastCall: connection.lastCallAt ? agoText(connection.lastCallAt, now) : 'never',
    keepAlive: connection.keepAlive,
    grant: grantView(telling, now),
  };
}
export type ConnectionRow = ReturnType<typeof connectionRow>;

/** What the list of connections shows. */
export function connectionList(connections: readonly ToldConnection[], role: Role, now: Date) {
  return {
    title: 'Connections',
    connections: connections.map((told) => connectionRow(told, now)),
    canCreate: mayAct(role, 'editor'),
  };
}

/** How calls are authorised, in words. */
export function authWord({ auth }: Connection): string {
  switch (auth.type) {
    case 'none':
      return 'No authorisation';
    case 'basic':
      return 'Basic';
    case 'bearer':
      return 'Bearer token';
    case 'apiKey':
      return `API key in ${auth.in}`;
    case 'oauth2':
      return `OAuth 2, ${auth.grantType.replaceAll('_', ' ')}`;
  }
}
