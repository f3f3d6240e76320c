import type { ExchangeHistory } from '../../../services/exchanges/exchange-history.ts';
import type { ExchangeReplay } from '../../../services/exchanges/exchange-replay.ts';
import { exchangeDocument } from '../../../services/exchanges/exchange-document.ts';
import { operation, type Operation } from '../operation.ts';
import { exchangePath } from '../schemas/exchange.ts';
import { EXCHANGES, NOT_SENT, RECORDED } from './exchanges.ts';

interface Parts {
  readonly history: ExchangeHistory;
  readonly replay: ExchangeReplay;
}

/** Sending what is on record again, for programs. */
export function replayOperations({ history, replay }: Parts): Operation[] {
  return [
    operation({
      id: 'createReplay',
      method: 'post',
      path: `${EXCHANGES}/{id}/replays`,
      tag: 'Exchanges',
      summary: 'Send a call again',
      description:
        'The same request, with the credentials its connection has now. `invalid-input` names the places of the exchange ' +
        'that stand in the way: another secret than the connection’s own was masked there, the body is not on record as a ' +
        'whole, it is no call, or the base URL has changed. `conflict`: its connection is gone, or was changed just now.',
      role: 'editor',
      sendsCalls: true,
      params: exchangePath,
      replies: { 201: RECORDED },
      problems: [...NOT_SENT, 'gone'],
    }).by(async ({ actor, params }) => {
      const id = await replay.replay(actor, params.id);
      return {
        status: 201,
        body: exchangeDocument(await history.find(id)),
        headers: { Location: `${EXCHANGES}/${id}` },
      };
    }),
  ];
}
