import { Router } from '@koa/router';
import type { Middleware } from 'koa';
import { Malformed, QueueFull } from '../../kernel/errors.ts';
import type { Relay } from '../../services/exchanges/relay.ts';
import { actorOf } from '../context.ts';
import { requireRole } from '../middleware/gate.ts';
import { clientHeaders } from '../proxy/client-headers.ts';
import { incomingBody } from '../proxy/incoming-body.ts';
import { EXCHANGE_HEADER, ReplyToClient } from '../proxy/reply-to-client.ts';

const PATH = /^\/proxy\/[^/]+(?:\/.*)?$/i;
/** A request target as it was received, for the decoded one is not what the API is asked for. */
const TARGET = /^\/proxy\/([^/?#]+)(.*)$/is;

interface Parts {
  readonly relay: Relay;
  /** Takes a place among the caller's calls in flight. */
  readonly places: Middleware;
}

/** `ANY /proxy/:slug/*path`: hands requests of programs on to the API behind a connection, and its answers back. */
export function proxyRoutes({ relay, places }: Parts): Router {
  const router = new Router();

  router.all(PATH, requireRole('editor'), places, async (ctx) => {
    if (ctx.get('Upgrade') !== '') throw new Malformed('A connection that is to be upgraded cannot be relayed.');
    if (!/^(?:chunked)?$/i.test(ctx.get('Transfer-Encoding').trim()))
      throw new Malformed('A body in a transfer coding other than chunked cannot be relayed.');
    const [, slug = '', asked = ''] = TARGET.exec(ctx.req.url ?? '') ?? [];
    const request = {
      method: ctx.method,
      asked,
      headers: clientHeaders(ctx.req.rawHeaders),
      body: incomingBody(ctx.req),
    };
    try {
      await relay.relay(actorOf(ctx), slug, request, new ReplyToClient(ctx));
    } catch (error) {
      if (error instanceof QueueFull) ctx.remove(EXCHANGE_HEADER);
      throw error;
    }
  });

  return router;
}
