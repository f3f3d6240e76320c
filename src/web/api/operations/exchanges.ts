import { z } from 'zod';
import { InvalidInput } from '../../../kernel/errors.ts';
import type { ExchangeHistory } from '../../../services/exchanges/exchange-history.ts';
import type { ExchangeSelector } from '../../../services/exchanges/exchange-selection.ts';
import type { ExchangeRemoval } from '../../../services/exchanges/exchange-removal.ts';
import type { Composed, RequestSender } from '../../../services/exchanges/request-sender.ts';
import { cursorParts, historyWish } from '../../forms/history-query.ts';
import { exchangeDocument } from '../../../services/exchanges/exchange-document.ts';
import { operation, type Operation } from '../operation.ts';
import { connectionPath } from '../schemas/connection.ts';
import { exchange, exchangeList, exchangePath, exchangeQuery, newExchange } from '../schemas/exchange.ts';
import { nextPage } from '../schemas/list.ts';
import { NO_TOKEN } from './grant.ts';

interface Parts {
  readonly history: ExchangeHistory;
  readonly sender: RequestSender;
  readonly erasure: ExchangeRemoval;
  readonly selector: ExchangeSelector;
}

/** Where exchanges are. */
export const EXCHANGES = '/api/v1/exchanges';
const tag = 'Exchanges';

/** What sending a call may come to besides an exchange; nothing was sent then. */
export const NOT_SENT = [...NO_TOKEN, 'queue-full'] as const;

/** The reply to a call that is on record. */
export const RECORDED = {
  description: 'The call is on record, whatever came of it: see `outcome`.',
  body: exchange,
  headers: { Location: z.string().meta({ description: 'Where the exchange is.' }) },
} as const;

const EXAMPLES = {
  get: { summary: 'Two orders', value: { method: 'GET', path: '/orders', query: [['limit', '2']] } },
  post: {
    summary: 'A new order',
    value: {
      method: 'POST',
      path: '/orders',
      headers: [['content-type', 'application/json']],
      body: '{"item": "paper"}',
    },
  },
};

/** Exchanges for programs: list, show, send. */
export function exchangeOperations({ history, sender, erasure, selector }: Parts): Operation[] {
  return [
    operation({
      id: 'createExchange',
      method: 'post',
      path: '/api/v1/connections/{slug}/exchanges',
      tag,
      summary: 'Send a call',
      description:
        'With a token that is fresh, and on record before the reply. 201 says that it is on record, not that it went well. ' +
        'What is wrong with the call itself is `invalid-input`, and no token is asked for then.',
      role: 'editor',
      sendsCalls: true,
      params: connectionPath,
      body: { schema: newExchange, examples: EXAMPLES },
      replies: { 201: RECORDED },
      problems: NOT_SENT,
    }).by(async ({ actor, params, body }) => {
      const isCoded = typeof body.bodyBase64 === 'string';
      const id = await sender.send(actor, params.slug, composed(body)).catch((error: unknown) => {
        throw isCoded && error instanceof InvalidInput ? underBase64(error) : error;
      });
      const sent = exchangeDocument(await history.find(id));
      return { status: 201, body: sent, headers: { Location: `${EXCHANGES}/${id}` } };
    }),

    operation({
      id: 'listExchanges',
      method: 'get',
      path: EXCHANGES,
      tag,
      summary: 'List exchanges',
      description: 'Newest first. Filters narrow the list together; `next` keeps them.',
      role: 'viewer',
      query: exchangeQuery,
      replies: { 200: { description: 'A page of exchanges.', body: exchangeList } },
      problems: [],
    }).by(async ({ actor, query: { limit, ...query }, url }) => {
      const { selection, place } = historyWish(query);
      const { items, older } = await selector.records(actor.workspaceId, selection, place, limit);
      return { status: 200, body: { items: items.map(exchangeDocument), next: nextPage(url, cursorParts(older)) } };
    }),

    operation({
      id: 'getExchange',
      method: 'get',
      path: `${EXCHANGES}/{id}`,
      tag,
      summary: 'Show an exchange',
      role: 'viewer',
      params: exchangePath,
      replies: { 200: { description: 'The exchange.', body: exchange } },
      problems: ['not-found', 'gone'],
    }).by(async ({ params }) => ({ status: 200, body: exchangeDocument(await history.find(params.id)) })),

    operation({
      id: 'deleteExchange',
      method: 'delete',
      path: `${EXCHANGES}/{id}`,
      tag,
      summary: 'Delete an exchange',
      description:
        'Pinned or not, its bodies with it unless another exchange holds them too. `gone` says from then on who deleted ' +
        'it and when. `conflict`: it is still on its way.',
      role: 'owner',
      params: exchangePath,
      replies: { 204: { description: 'The exchange is deleted.' } },
      problems: ['not-found', 'gone', 'conflict'],
    }).by(async ({ actor, params }) => {
      await erasure.remove(actor, params.id);
      return { status: 204 };
    }),
  ];
}

function composed({ method, path, query, headers = [], body, bodyBase64 }: z.output<typeof newExchange>): Composed {
  const bytes = bodyBase64 ? Buffer.from(bodyBase64, 'base64') : body ? Buffer.from(body) : null;
  return { method: method.trim().toUpperCase(), path, query, headers, body: bytes };
}

function underBase64({ errors }: InvalidInput): InvalidInput {
  return new InvalidInput(
    errors.map(({ pointer, detail }) => ({ pointer: pointer === '/body' ? '/bodyBase64' : pointer, detail })),
  );
}
