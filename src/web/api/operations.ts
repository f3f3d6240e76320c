import type { ConnectionCatalogue } from '../../services/connections/connection-catalogue.ts';
import type { Connector } from '../../services/connections/connector.ts';
import type { GrantTeller } from '../../services/grants/grant-teller.ts';
import type { Revoker } from '../../services/grants/revoker.ts';
import { describeApi, type OpenApi, type Tag } from './openapi.ts';
import type { Operation } from './operation.ts';
import { connectionOperations } from './operations/connections.ts';
import { descriptionOperations } from './operations/description.ts';
import { grantOperations } from './operations/grant.ts';

interface Parts {
  readonly publicUrl: string;
  readonly version: string;
  readonly connector: Connector;
  readonly catalogue: ConnectionCatalogue;
  readonly teller: GrantTeller;
  readonly revoker: Revoker;
}

/** The nouns, in the order they are shown. */
const TAGS: readonly Tag[] = [
  { name: 'Connections', description: 'APIs we call: where they are, how calls are authorised, what they may use.' },
  { name: 'Grants', description: 'The token set that a connection holds: how it stands, and never a token.' },
  { name: 'Description', description: 'What this API can do.' },
];

/** The JSON API: what it can do, and its description. */
export interface Api {
  readonly operations: readonly Operation[];
  readonly document: () => OpenApi;
}

/** Every operation of the JSON API, in the order the document lists them. */
export function createApi({ publicUrl, version, connector, catalogue, teller, revoker }: Parts): Api {
  let made: OpenApi | undefined;
  const document = () => (made ??= describeApi(declarations(), { publicUrl, version, tags: TAGS }));
  const declarations = () => operations.map(({ declared }) => declared);

  const operations: Operation[] = [
    ...connectionOperations({ connector, catalogue }),
    ...grantOperations({ teller, revoker }),
    ...descriptionOperations({ document }),
  ];
  return { operations, document };
}
