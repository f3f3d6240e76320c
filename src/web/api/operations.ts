import type { ConnectionCatalogue } from '../../services/connections/connection-catalogue.ts';
import type { ConnectionRemoval } from '../../services/connections/connection-removal.ts';
import type { Connector } from '../../services/connections/connector.ts';
import type { ExchangeExport } from '../../services/exchanges/exports/exchange-export.ts';
import type { ExchangeImport } from '../../services/exchanges/imports/exchange-import.ts';
import type { ExchangeHistory } from '../../services/exchanges/exchange-history.ts';
import type { ExchangePins } from '../../services/exchanges/exchange-pins.ts';
import type { ExchangeSelector } from '../../services/exchanges/exchange-selection.ts';
import type { ExchangeRemoval } from '../../services/exchanges/exchange-removal.ts';
import type { ExchangeReplay } from '../../services/exchanges/exchange-replay.ts';
import type { RequestSender } from '../../services/exchanges/request-sender.ts';
import type { GrantTeller } from '../../services/grants/grant-teller.ts';
import type { Revoker } from '../../services/grants/revoker.ts';
import { describeApi, type OpenApi, type Tag } from './openapi.ts';
import type { Operation } from './operation.ts';
import { bodyOperations } from './operations/bodies.ts';
import { connectionOperations } from './operations/connections.ts';
import { descriptionOperations } from './operations/description.ts';
import { exportOperations } from './operations/exports.ts';
import { exchangeOperations } from './operations/exchanges.ts';
import { grantOperations } from './operations/grant.ts';
import { importOperations } from './operations/imports.ts';
import { pinOperations } from './operations/pins.ts';
import { replayOperations } from './operations/replays.ts';

interface Parts {
  readonly publicUrl: string;
  readonly version: string;
  readonly connector: Connector;
  readonly removal: ConnectionRemoval;
  readonly catalogue: ConnectionCatalogue;
  readonly teller: GrantTeller;
  readonly revoker: Revoker;
  readonly history: ExchangeHistory;
  readonly exporting: ExchangeExport;
  readonly importing: ExchangeImport;
  readonly sender: RequestSender;
  readonly pins: ExchangePins;
  readonly erasure: ExchangeRemoval;
  readonly selector: ExchangeSelector;
  readonly replay: ExchangeReplay;
}

/** The nouns, in the order they are shown. */
const TAGS: readonly Tag[] = [
  { name: 'Connections', description: 'APIs we call: where they are, how calls are authorised, what they may use.' },
  { name: 'Grants', description: 'The token set that a connection holds: how it stands, and never a token.' },
  { name: 'Exchanges', description: 'Calls as they happened: what was sent, what came back, when and by whom.' },
  { name: 'Description', description: 'What this API can do.' },
];

/** The JSON API: what it can do, and its description. */
export interface Api {
  readonly operations: readonly Operation[];
  readonly document: () => OpenApi;
}

/** Every operation of the JSON API, in the order the document lists them. */
export function createApi({ publicUrl, version, ...parts }: Parts): Api {
  let made: OpenApi | undefined;
  const document = () => (made ??= describeApi(declarations(), { publicUrl, version, tags: TAGS }));
  const declarations = () => operations.map(({ declared }) => declared);

  const operations: Operation[] = [
    ...connectionOperations(parts),
    ...grantOperations(parts),
    ...exchangeOperations(parts),
    ...bodyOperations(parts),
    ...exportOperations(parts),
    ...importOperations(parts),
    ...pinOperations(parts),
    ...replayOperations(parts),
    ...descriptionOperations({ document }),
  ];
  return { operations, document };
}
