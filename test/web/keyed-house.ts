import { Router } from '@koa/router';
import type { Context, Middleware } from 'koa';
import { askerOf, factsOf } from '../../src/web/context.ts';
import { body } from '../../src/web/middleware/body.ts';
import { clientAddress } from '../../src/web/middleware/client-address.ts';
import { csrf } from '../../src/web/middleware/csrf.ts';
import { gate, requireRole } from '../../src/web/middleware/gate.ts';
import { oneHost } from '../../src/web/middleware/one-host.ts';
import { scopedSession } from '../../src/web/middleware/scoped-session.ts';
import { sessionCookie } from '../../src/web/session-cookie.ts';
import { EMAIL, openKeyBox } from '../services/keys/key-box.ts';
import { PASSWORD } from '../services/doorstep.ts';
import { serve } from './middleware/serving.ts';

const tokens = {
  tokenFor: (signInId: string) => `token-of-${signInId}`,
  matches: (signInId: string, token: string) => token === `token-of-${signInId}`,
};

/** Our way in, from the address to the session, before routes that tell who is asking; keys and sign-ins are real. */
export async function openKeyedHouse() {
  const box = await openKeyBox();
  const server = await serve(({ origin }) => [
    clientAddress({ trustedProxies: ['127.0.0.1'] }),
    oneHost({ publicUrl: origin }),
    gate({ gatekeeper: box.gatekeeper, keyGate: box.keyGate, cookie: sessionCookie(origin) }),
    body(),
    csrf({ publicUrl: origin, tokens }),
    scopedSession(),
    tellingRoutes().routes() as Middleware,
  ]);
  return {
    box,
    server,
    /** The `Cookie` header of the owner's browser. */
    async cookie(): Promise<string> {
      const from = { address: '203.0.113.1', userAgent: 'Test', previousToken: null };
      const { token } = await box.gatekeeper.signIn({ ...from, email: EMAIL, password: PASSWORD });
      return `sid-dev=${token}`;
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await box[Symbol.asyncDispose]();
    },
  };
}

function tellingRoutes(): Router {
  const router = new Router();
  router.get('/page', requireRole('viewer'), tell);
  router.get('/_token_refresh', requireRole('viewer'), tell);
  router.get('/api/v1/things', requireRole('viewer'), tell);
  router.post('/api/v1/things', requireRole('editor'), tell);
  router.delete('/api/v1/things', requireRole('owner'), tell);
  router.all('/proxy/:slug/*path', requireRole('editor'), tell);
  return router;
}

function tell(ctx: Context): void {
  ctx.body = { asker: askerOf(ctx), body: factsOf(ctx).body };
}
