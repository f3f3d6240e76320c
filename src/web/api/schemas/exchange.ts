import { z } from 'zod';
import { EXCHANGE_KINDS, EXCHANGE_OUTCOMES, FAILURE_REASONS } from '../../../kernel/exchange.ts';
import { SENT_EXTENTS } from '../../../kernel/sent-extent.ts';
import { historyCursor, historyFilter } from '../../forms/history-query.ts';
import { limit, listOf } from './list.ts';

const SHA256 = z.string().meta({ description: 'In hex.' });
const MASKED = 'As it is kept: where a secret was, `*redacted*` stands.';

/** `{id}` of an exchange. */
export const exchangePath = z.object({ id: z.string().meta({ description: 'The exchange’s id.' }) });

/** Which exchanges a list holds. */
export const exchangeQuery = historyFilter.extend({ cursor: historyCursor, limit });

const pairs = z
  .array(z.tuple([z.string(), z.string()]))
  .meta({ id: 'HeaderPairs', description: 'Names and values: in order, with their case and their duplicates.' });

const ms = z.number().nullable();
const timings = z
  .strictObject({
    wait: ms,
    dns: ms,
    connect: ms,
    tls: ms,
    send: ms,
    firstByte: ms,
    receive: ms,
    total: z.number(),
  })
  .meta({
    id: 'Timings',
    description:
      'Milliseconds by phase; null where the phase did not happen: a reused connection has no `dns`, `connect` and `tls`. `wait` is for a place in the line of the connection, `total` until the last byte. Of an exchange the phases of all its requests are added up, and `total` holds what lay between them too.',
  });

const keptBody = z.strictObject({
  bytes: z.int().min(0).meta({ description: MASKED }),
  sha256: SHA256,
  truncated: z.boolean().meta({ description: 'More was sent than is kept.' }),
});

const requestBody = keptBody.extend({
  wireBytes: z.int().min(0).optional().meta({ description: 'Of all that was sent, where not all of it is kept.' }),
  wireSha256: SHA256.optional().meta({ description: 'With `wireBytes`; left out where something was masked.' }),
});

const responseBody = keptBody.extend({
  wireBytes: z.int().min(0).meta({ description: 'Of the whole as it was sent, coding and all.' }),
  wireSha256: SHA256.optional().meta({ description: 'Left out where something was masked, and for imported ones.' }),
});

const hop = z.strictObject({
  attempt: z.int().min(1).meta({ description: 'Redirects share the number of their attempt.' }),
  method: z.string(),
  url: z.string(),
  status: z.int().nullable(),
  reusedConnection: z.boolean(),
  timings,
});

const moment = z.iso.datetime();

/** An exchange, as a component. */
export const exchange = z
  .strictObject({
    id: z.uuid(),
    kind: z.enum(EXCHANGE_KINDS),
    connection: z
      .string()
      .nullable()
      .meta({ description: 'The slug of its connection at that time; null for an imported one, which has none.' }),
    generation: z.int().min(0).meta({ description: 'Of the token it went with; 0 without OAuth.' }),
    method: z.string(),
    url: z.string(),
    requestHeaders: pairs,
    requestBody: requestBody.nullable().meta({ id: 'KeptRequestBody' }),
    outcome: z.enum(EXCHANGE_OUTCOMES).meta({
      description: '`failed`: no complete answer came, and `reason` says why. `interrupted`: nobody knows.',
    }),
    reason: z.enum(FAILURE_REASONS).nullable(),
    detail: z.string().nullable(),
    status: z.int().nullable(),
    responseHeaders: pairs.nullable(),
    responseBody: responseBody.nullable().meta({ id: 'KeptResponseBody' }),
    sent: z.enum(SENT_EXTENTS).nullable().meta({
      description:
        'How much of the request was handed to the network: `nothing`, its head and `part` of its body at most, or the `whole`; where there were several, of that of which most was. Only after `nothing` is it certain that nothing arrived. Null where nobody knows.',
    }),
    timings: timings.nullable(),
    hops: z.array(hop),
    attempts: z.int().min(1).meta({
      description:
        'More than 1 where it was sent again: after a 401 with a later token, or with the nonce that was asked for.',
    }),
    sentBy: z.string().nullable().meta({ description: 'Null for the background.' }),
    startedAt: moment,
    finishedAt: moment.nullable().meta({ description: 'Of an interrupted one, when it was found to be that.' }),
  })
  .meta({ id: 'Exchange', description: 'One call as it happened. Never edited once settled.' });

/** A page of exchanges. */
export const exchangeList = listOf('ExchangeList', exchange);

const text = (sentence: string) =>
  z.string(sentence).refine((written) => written.isWellFormed(), 'This holds half of a character.');
const typedPairs = (what: string) =>
  z.array(
    z.tuple([text(`Write ${what} as text.`), text('Write its value as text.')], `Write each as ["name", "value"].`),
  );

/** A call to be sent, as a component. */
export const newExchange = z
  .strictObject({
    method: text('Write the method, such as GET.').meta({ examples: ['POST'] }),
    path: text('Write the path.').meta({
      description: 'On the connection’s base URL; may bring a query, percent-encoded.',
      examples: ['/orders'],
    }),
    query: typedPairs('the name of a parameter')
      .optional()
      .meta({
        description: 'Pairs that are percent-encoded and added to the path’s own query.',
        examples: [[['limit', '2']]],
      }),
    headers: typedPairs('the name of a header')
      .optional()
      .meta({
        description: 'Pairs, sent as they are, beside the connection’s own. `content-type` is not guessed.',
        examples: [[['content-type', 'application/json']]],
      }),
    body: text('Write the body as text, or use bodyBase64.').nullable().optional().meta({
      description: 'Text, sent in UTF-8; at most 16 MiB. An empty one is none.',
    }),
    bodyBase64: z.string('Write the body in base64.').nullable().optional().meta({
      description: 'Any bytes, in base64 (RFC 4648, section 4), in place of `body`.',
      contentEncoding: 'base64',
    }),
  })
  .superRefine(({ body, bodyBase64 }, issues) => {
    if (typeof body === 'string' && typeof bodyBase64 === 'string')
      issues.addIssue({ code: 'custom', path: ['bodyBase64'], message: 'Send body or bodyBase64, not both.' });
    else if (typeof bodyBase64 === 'string' && Buffer.from(bodyBase64, 'base64').toString('base64') !== bodyBase64)
      issues.addIssue({ code: 'custom', path: ['bodyBase64'], message: 'This is not base64, with its padding.' });
  })
  .meta({ id: 'NewExchange', description: 'A call to send.' });
