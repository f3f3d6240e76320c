import type { Connector } from '../../services/connections/connector.ts';
import type { GrantTeller } from '../../services/grants/grant-teller.ts';
import type { ToldConnection } from '../presenters/connection-list.ts';

/** Every connection of a workspace with what is told about its grant, by name. */
export async function toldConnections(
  workspaceId: string,
  connector: Connector,
  teller: GrantTeller,
): Promise<ToldConnection[]> {
  const connections = await connector.list();
  const tellings = new Map((await teller.tellAll(workspaceId)).map((telling) => [telling.connection, telling]));
  return connections.flatMap((connection) => {
    const telling = tellings.get(connection.slug);
    return telling ? [{ connection, telling }] : [];
  });
}
